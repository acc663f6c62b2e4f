"""``./numaru manage staff LOGIN --name NAME [--role ROLE] [--service SLUG]``: give a person an account; the password is printed once.

For an account that exists: ``--link`` prints a link to set a password, ``--unlock`` opens what wrong tries shut, ``--reset-factors`` removes lost
second factors, ``--leave`` cuts off everywhere. Whoever may type on the machine is the house itself: nobody else approves.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from numaru.kernel.access import ROLES, Actor
from numaru.kernel.errors import Refused
from numaru.kernel.models import Staff
from numaru.kernel.staff import api as staff

HOUSE = Actor.system("command")


class Command(BaseCommand):
    help = "Make a staff account and print its password once; or unlock, reset or cut off one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login")
        parser.add_argument("--name")
        parser.add_argument("--role", action="append", choices=sorted(ROLES))
        parser.add_argument("--service", default="")
        parser.add_argument("--language", default="ko", choices=["ko", "en"])
        parser.add_argument("--link", action="store_true")
        parser.add_argument("--unlock", action="store_true")
        parser.add_argument("--reset-factors", action="store_true")
        parser.add_argument("--leave", action="store_true")
        parser.add_argument("--reason", default="command")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            said = self._existing(options) if self._asked(options) else self._make(options)
        except Refused as refused:
            raise CommandError(f"{refused.findings[0].message} {refused.findings[0].remedy}") from None
        self.stdout.write(said)

    @staticmethod
    def _asked(options: dict[str, Any]) -> bool:
        return any(options[name] for name in ("link", "unlock", "reset_factors", "leave"))

    @staticmethod
    def _make(options: dict[str, Any]) -> str:
        if not options["name"]:
            raise CommandError("--name is needed for a new account")
        made = staff.add_staff.do(
            HOUSE, login=options["login"], name=options["name"], roles=options["role"] or ["basic"], scope=options["service"],
            language=options["language"], given=True,
        )  # fmt: skip
        return made.password

    @staticmethod
    def _existing(options: dict[str, Any]) -> str:
        found = Staff.objects.filter(login=options["login"].strip().lower()).values_list("pk", flat=True).first()
        if found is None:
            raise CommandError(f"no such account: {options['login']}")
        reason = options["reason"]
        if options["link"]:
            return f"/sign-in/new-password/{staff.issue_link.do(HOUSE, staff=found, reason=reason).secret}/"
        if options["unlock"]:
            return str(staff.unlock.do(HOUSE, staff=found, reason=reason))
        if options["reset_factors"]:
            return str(staff.reset_factors.do(HOUSE, staff=found, reason=reason))
        return str(staff.cut_off.do(HOUSE, staff=found, reason=reason))
