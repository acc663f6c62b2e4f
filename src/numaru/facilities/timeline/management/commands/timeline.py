"""``./numaru manage timeline rebuild [feed …] [--afresh]``: make the entries of the line of time again from the records, and say what was amiss."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from numaru.facilities.timeline.feeds import feeds
from numaru.facilities.timeline.rebuilding import rebuild


class Command(BaseCommand):
    help = "Compare every record with its entries in the timeline and put right what is missing or wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["rebuild", "feeds"])
        parser.add_argument("feed", nargs="*", help="which feeds; all of them when none is named")
        parser.add_argument("--afresh", action="store_true", help="begin anew even where a rebuild was cut off")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["feed"] or [key for key, _ in feeds]
        for feed in wanted:
            if options["act"] == "feeds":
                self.stdout.write(f"{feed:<24} {feeds[feed].label.en}: {', '.join(feeds[feed].kinds)}")
                continue
            done = rebuild(feed, afresh=options["afresh"])
            self.stdout.write(f"{feed:<24} {done.records:,} records, {done.missing:,} entries were missing, {done.wrong:,} were wrong")
