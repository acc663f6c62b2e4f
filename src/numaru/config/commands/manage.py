"""``./numaru manage …``: Django's management commands on the house's database, which is started for them when nothing runs."""

from __future__ import annotations

import os

from numaru.config import world
from numaru.config.home import database, ready


def main(argv: list[str]) -> int:
    """Run one command. Migrations are not applied first: this is where one looks at them."""
    home = ready()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "numaru.config.settings")
    with database(home):
        from django.core.management import ManagementUtility

        try:
            ManagementUtility(["./numaru manage", *argv]).execute()
        finally:
            from django.conf import settings

            if settings.configured:
                world.forget_connections()
    return 0
