"""``./numaru manage roles``: print docs/roles.md, the table of the shipped roles and what they may do."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from numaru.kernel.access import ROLES, permissions

HEAD = """# Roles

What each shipped role may do. A role is given for all services or for one (`./numaru manage staff … --service SLUG`); API keys carry the same
roles. The administrator has every permission except opening personal data: whoever runs the house does not for that
reason read people's data. Everyone who joins has `basic`. The table is written by `./numaru manage roles > docs/roles.md`; a test compares it with
what the rooms register. A row without a mark is what subscribers may do in the portal, with what is their own.
"""


class Command(BaseCommand):
    help = "Print the table of roles and permissions as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(HEAD + "\n")
        self.stdout.write(
            "| permission | 한국어 | English | " + " | ".join(f"{text.ko} {text.en} `{key}`" for key, text in ROLES.items()) + " |"
        )
        self.stdout.write("|---|---|---" + "|:-:" * len(ROLES) + "|")
        for name, one in permissions:
            marks = " | ".join("●" if role in one.roles else "" for role in ROLES)
            self.stdout.write(f"| `{name}` | {one.text.ko} | {one.text.en} | {marks} |")
