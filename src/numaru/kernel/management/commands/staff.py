"""``./numaru manage staff LOGIN --name NAME --role ROLE [--service SLUG]``: give a person an account; the password is printed once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from numaru.kernel.access import ROLES, Actor
from numaru.kernel.staff.api import add_staff


class Command(BaseCommand):
    help = "Make a staff account and print its password once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", action="append", required=True, choices=sorted(ROLES))
        parser.add_argument("--service", default="")
        parser.add_argument("--language", default="ko", choices=["ko", "en"])

    def handle(self, *args: Any, **options: Any) -> None:
        from numaru.kernel.errors import Refused

        try:
            made = add_staff.do(
                Actor.system("command"), login=options["login"], name=options["name"], roles=options["role"], scope=options["service"],
                language=options["language"],
            )  # fmt: skip
        except Refused as refused:
            raise CommandError(f"{refused.findings[0].message} {refused.findings[0].remedy}") from None
        self.stdout.write(made.password)
