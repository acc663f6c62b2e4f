"""``./numaru manage api_client NAME --role ROLE [--service SLUG]``: make a program's key; shown once, only its hash is kept.

For one that exists: ``--rotate`` prints a new secret while the one before lives on for a while (``--at-once``: it dies now), ``--revoke`` ends it.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from numaru.kernel.access import ROLES, Actor
from numaru.kernel.errors import Refused
from numaru.kernel.models import ApiClient
from numaru.kernel.staff import api as staff

HOUSE = Actor.system("command")


class Command(BaseCommand):
    help = "Make an API client and print its token once; or rotate or revoke one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", action="append", choices=sorted(ROLES))
        parser.add_argument("--service", default="")
        parser.add_argument("--rotate", action="store_true")
        parser.add_argument("--at-once", action="store_true")
        parser.add_argument("--revoke", action="store_true")
        parser.add_argument("--reason", default="command")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            said = self._existing(options) if options["rotate"] or options["revoke"] else self._make(options)
        except Refused as refused:
            raise CommandError(f"{refused.findings[0].message} {refused.findings[0].remedy}") from None
        self.stdout.write(said)

    @staticmethod
    def _make(options: dict[str, Any]) -> str:
        if not options["role"]:
            raise CommandError("--role is needed for a new client")
        return staff.make_client.do(HOUSE, name=options["name"], roles=options["role"], scope=options["service"]).token

    @staticmethod
    def _existing(options: dict[str, Any]) -> str:
        found = ApiClient.objects.filter(name=options["name"].strip()).values_list("pk", flat=True).first()
        if found is None:
            raise CommandError(f"no such client: {options['name']}")
        if options["revoke"]:
            staff.revoke.do(HOUSE, client=found, reason=options["reason"])
            return "revoked"
        return staff.rotate.do(HOUSE, client=found, at_once=options["at_once"], reason=options["reason"]).token
