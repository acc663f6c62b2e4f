"""The world a command works in: Django set up on a database that runs and has every migration."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from numaru.config.home import database
from numaru.config.words import language

MIGRATING = 0x4E4D_0002  # advisory lock: of several machines that start at once one migrates, the others wait


@contextlib.contextmanager
def of(home: Path) -> Iterator[None]:
    """Everything a verb needs; undone at the end (the server stops if nobody else uses it)."""
    with database(home):
        set_up()
        migrate()
        from django.utils import translation

        try:
            with translation.override(language()):  # a command speaks the language of its terminal
                yield
        finally:
            forget_connections()


def set_up() -> None:
    """Django with the house's settings; DATABASE_URL is set by now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "numaru.config.settings")
    import django

    django.setup()


def migrate(verbosity: int = 0) -> int:
    """Apply what is missing under one lock; returns how many migrations were applied."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def missing() -> int:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    if not missing():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            count = missing()
            if count:
                call_command("migrate", verbosity=verbosity, interactive=False)
            return count
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def forget_connections() -> None:
    """Give back every connection of this process, so that the server can stop at once."""
    from django.db import connections

    for one in connections.all(initialized_only=True):
        one.close()
        pool_closer = getattr(one, "close_pool", None)
        if pool_closer:
            pool_closer()
