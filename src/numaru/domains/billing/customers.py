"""When somebody last bought something, for the exception for existing customers in the law of advertising."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db import connection


class Customers:
    """Answers messaging's port: who bought something, and when last. A final bill of more than nothing counts, on the day it was issued."""

    def last_bought(self, parties: Sequence[int]) -> dict[int, date]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT a.payer_id, (max(i.issued_at) AT TIME ZONE %s)::date FROM billing_invoice i JOIN billing_account a ON a.id = i.account_id"
                " WHERE a.payer_id = ANY(%s) AND i.total > 0 GROUP BY a.payer_id",
                [settings.TIME_ZONE, list(parties)],
            )
            return dict(cursor.fetchall())
