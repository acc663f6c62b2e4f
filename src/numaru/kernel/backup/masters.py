"""Which master keys the wrapped keys need, and which of them are not here."""

from __future__ import annotations

import os

from django.conf import settings
from django.db import connection

from numaru.kernel.vault import api as vault


def needed() -> set[str]:
    """Ids of the master keys under which keys are wrapped now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT master FROM keys.person_key UNION SELECT master FROM keys.house_key")
        return {row[0] for row in cursor.fetchall()}


def missing() -> list[str]:
    """Those of `needed` that this home cannot use. Makes no key: a home without one lacks them all."""
    wanted = needed()
    if not wanted:
        return []
    here = os.environ.get("NUMARU_MASTER_KEY") or os.environ.get("NUMARU_MASTER_COMMAND") or (settings.HOME / "keys" / "master").exists()
    return sorted(wanted - set(vault.known_ids())) if here else sorted(wanted)
