"""Carries one bill run in a process of its own and prints its state: what the kill tests kill. ``carry.py NUMBER INSTANT CHUNK``."""

from __future__ import annotations

import os
import sys
from datetime import datetime


def main(number: str, instant: str, chunk: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "numaru.config.settings")
    import django

    django.setup()
    from django.conf import settings

    from numaru.domains.billing import api as billing
    from numaru.kernel import clock

    settings.NUMARU_RUN_CHUNK = int(chunk)
    with clock.pinned(datetime.fromisoformat(instant)):
        print(billing.carry_out(number).state)


if __name__ == "__main__":
    main(*sys.argv[1:])
