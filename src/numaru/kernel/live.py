"""Tell open pages that something changed. Ids only; a page asks for the rest itself and is shown what it may see.

Called by the worker and the outbox dispatcher, never inside a business transaction: NOTIFY serialises commits.
"""

from __future__ import annotations

import json

from django.db import connection

CHANNEL = "numaru_live"
ACCESS = "staff.access"  # sessions of this member of staff were ended: streams look again at once; never shown to pages


def announce(kind: str, key: object) -> None:
    """Send ``{"k": kind, "id": key}`` to every open page that shows that object."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps({"k": kind, "id": str(key)})])
