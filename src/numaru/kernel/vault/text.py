"""Free text, sealed: people write names and numbers into it, so it is not kept in the clear."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from numaru.kernel.vault import ring

FORM = b"\x01"  # of what follows: version of the key (2 bytes), nonce (12), sealed words


def seal_text(words: str, place: str) -> bytes:
    """Seal ``words`` under the house's text key, bound to ``place`` ("room.Model.field"). Empty words stay empty."""
    return seal_texts([words], place)[0]


def seal_texts(many: Sequence[str], place: str) -> list[bytes]:
    """:func:`seal_text` for many, in their order; the key is asked for once."""
    if not any(many):
        return [b""] * len(many)
    key = ring.house("text")[0]
    by, head = AESGCM(key.key), FORM + key.version.to_bytes(2, "big")

    def sealed(words: str) -> bytes:
        nonce = os.urandom(12)
        return head + nonce + by.encrypt(nonce, words.encode(), place.encode())

    return [sealed(words) if words else b"" for words in many]


def open_text(sealed: bytes | memoryview, place: str) -> str:
    """The words again. Raises InvalidTag for what was tampered with or came from another place."""
    return open_texts([sealed], place)[0]


def open_texts(many: Sequence[bytes | memoryview], place: str) -> list[str]:
    """:func:`open_text` for many, in their order; the keys are asked for once. One that cannot be opened raises for all."""
    given = [bytes(one) for one in many]
    if not any(given):
        return [""] * len(given)
    keys = {key.version: AESGCM(key.key) for key in ring.house("text")}

    def opened(one: bytes) -> str:
        by = keys.get(int.from_bytes(one[1:3], "big"))
        if one[:1] != FORM or by is None:
            raise RuntimeError("sealed text of an unknown form or key")
        return by.decrypt(one[3:15], one[15:], place.encode()).decode()

    return [opened(one) if one else "" for one in given]


class SealedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Words in Python, sealed bytes in the table. Not searched, not sorted; declare it with ``text(…)``.

    Reading a row opens the words: choose rows with ``defer`` where a list does not show them.
    """

    description = "free text, sealed"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    @property
    def _place(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    def get_default(self) -> Any:
        return ""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else open_text(value, self._place)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            value = seal_text(value, self._place)
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return ""  # never written out in the clear
