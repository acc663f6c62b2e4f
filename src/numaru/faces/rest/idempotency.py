"""Idempotency keys: the answer to an unsafe call is kept with the call's own transaction, so a repeat gets the same answer (MODEL §6)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import orjson
from django.db import connection, transaction

from numaru.kernel import clock
from numaru.kernel.errors import Conflict, Invalid
from numaru.kernel.models import IdempotentCall
from numaru.values.text import Text

KEPT = timedelta(days=30)
KEY = re.compile(r"[!-~]{1,300}")

_CLAIM = """
INSERT INTO kernel_idempotentcall (client_id, route, key, body_hash, status, answer, at) VALUES (%s, %s, %s, %s, 0, '{}', %s)
ON CONFLICT (client_id, route, key) DO NOTHING RETURNING id
"""


def once(
    client: int, route: str, key: str, content: bytes, answer: Callable[[], tuple[int, dict[str, object]]]
) -> tuple[int, dict[str, object]]:
    """The status and body of ``answer()``, computed once for (client, route, key) and remembered for 30 days.

    ``answer`` runs in the transaction that remembers it: both are durable or neither. A second call at the same moment waits for the first.
    A refusal that is raised is not remembered, so the caller may mend and try again. Raises Conflict for the same key with another
    ``content`` and Invalid for a key that is no 1 to 300 visible ASCII characters.
    """
    if not KEY.fullmatch(key):
        raise Invalid.because(
            "api.idempotency_key", Text("Idempotency-Key는 300자까지의 보이는 ASCII 글자여야 합니다.", "Idempotency-Key must be up to 300 visible ASCII characters."),
            Text("짧은 키를 쓰십시오. 예: UUID", "Use a short key, for example a UUID."), field="Idempotency-Key",
        )  # fmt: skip
    digest = hashlib.sha256(content).hexdigest()
    now = clock.now()
    with transaction.atomic():
        IdempotentCall.objects.filter(client_id=client, route=route, key=key, at__lt=now - KEPT).delete()
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [client, route, key, digest, now])
            claimed = cursor.fetchone()
        if claimed is None:
            known = IdempotentCall.objects.get(client_id=client, route=route, key=key)
            if known.body_hash != digest:
                raise Conflict.because(
                    "api.idempotency_conflict", Text("같은 Idempotency-Key가 다른 내용으로 이미 쓰였습니다.", "This Idempotency-Key was used with another body."),
                    Text("새 요청에는 새 키를 쓰십시오.", "Use a new key for a new request."), field="Idempotency-Key", value=key,
                )  # fmt: skip
            return known.status, known.answer
        status, body = answer()
        body = orjson.loads(orjson.dumps(body))
        IdempotentCall.objects.filter(pk=claimed[0]).update(status=status, answer=body)
    return status, body
