"""Free text, sealed: people write names and numbers into it, so it is not kept in the clear."""

from __future__ import annotations

import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from numaru.kernel.vault import ring

FORM = b"\x01"  # of what follows: version of the key (2 bytes), nonce (12), sealed words


def seal_text(words: str, place: str) -> bytes:
    """Seal ``words`` under the house's text key, bound to ``place`` ("room.Model.field"). Empty words stay empty."""
    if not words:
        return b""
    key = ring.house("text")[0]
    nonce = os.urandom(12)
    return FORM + key.version.to_bytes(2, "big") + nonce + AESGCM(key.key).encrypt(nonce, words.encode(), place.encode())


def open_text(sealed: bytes | memoryview, place: str) -> str:
    """The words again. Raises InvalidTag for what was tampered with or came from another place."""
    given = bytes(sealed)
    if not given:
        return ""
    version = int.from_bytes(given[1:3], "big")
    key = next((k for k in ring.house("text") if k.version == version), None)
    if given[:1] != FORM or key is None:
        raise RuntimeError("sealed text of an unknown form or key")
    return AESGCM(key.key).decrypt(given[3:15], given[15:], place.encode()).decode()


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
