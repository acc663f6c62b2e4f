"""``./numaru manage api_client NAME --role ROLE [--service SLUG]``: make a program's key; shown once, only its hash is kept."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from numaru.kernel.access import ROLES, Actor
from numaru.kernel.staff.api import make_client


class Command(BaseCommand):
    help = "Make an API client and print its token once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", action="append", required=True, choices=sorted(ROLES))
        parser.add_argument("--service", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        from numaru.kernel.errors import Refused

        try:
            made = make_client.do(Actor.system("command"), name=options["name"], roles=options["role"], scope=options["service"])
        except Refused as refused:
            raise CommandError(f"{refused.findings[0].message} {refused.findings[0].remedy}") from None
        self.stdout.write(made.token)
