"""``./numaru manage policies``: print docs/policies.md, the table of every shipped policy with its basis."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from numaru.kernel.policies import shipped

HEAD = """# Policies

Every figure with a legal or contractual basis, as it ships. A house gives each another value on the page *Policies*, with its basis and a second
person. The table is written by `./numaru manage policies > docs/policies.md`; a test compares it with what the rooms declare.
"""


class Command(BaseCommand):
    help = "Print the table of shipped policies as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(HEAD + "\n")
        self.stdout.write("| key | 한국어 | English | value | scope | basis |")
        self.stdout.write("|---|---|---|---|---|---|")
        for key, one in shipped:
            value = json.dumps(one.value, ensure_ascii=False, default=str)
            self.stdout.write(f"| `{key}` | {one.text.ko} | {one.text.en} | `{value}` | {', '.join(one.scopes)} | {one.basis} |")
