"""Works on one batch in a process of its own, against a provider whose memory is a file: what the kill tests kill. ``carry.py NUMBER FOLDER INSTANT``."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path


class Remembers:
    """A provider that takes messages of SMS, 500 a call, and remembers their keys in ``FOLDER/taken``: one line for each time a message was taken, so a
    message that is handed over twice is seen. It does what real ones do: says nothing of some that it took, refuses some for now, is away at times.
    """

    name, most, remembers = "provider", 500, True

    def __init__(self, folder: Path) -> None:
        self.file = folder / "taken"
        self.refused = folder / "refused"
        self.calls = folder / "calls"
        for path in (self.file, self.refused, self.calls):
            path.touch()

    def _lines(self, path: Path) -> set[str]:
        return set(path.read_text().split())

    def _add(self, path: Path, keys: Sequence[str]) -> None:
        if keys:
            handle = os.open(path, os.O_WRONLY | os.O_APPEND)
            try:
                os.write(handle, "".join(f"{key}\n" for key in keys).encode())  # in one piece: a killed call took all of it or nothing
            finally:
                os.close(handle)

    def send(self, messages: Sequence[object]) -> list[object]:
        from numaru.facilities.messaging import api as messaging

        self._add(self.calls, ["call"])
        if len(self.calls.read_text().split()) % 23 == 0:
            raise messaging.CarrierDown("away", 0.01)
        refused = self._lines(self.refused)
        out, taken, no = [], [], []
        for key in (m.key for m in messages):  # type: ignore[attr-defined]
            luck = zlib.crc32(key.encode()) % 100
            if luck == 0 and key not in refused:  # not now
                no.append(key)
                out.append(messaging.Outcome(key, "refused", code="busy"))
                continue
            taken.append(key)
            out.append(messaging.Outcome(key, "unknown" if luck in (1, 2) else "accepted", f"p-{key}"))
        self._add(self.refused, no)
        self._add(self.file, taken)
        return list(out)

    def ask(self, keys: Sequence[str]) -> dict[str, object]:
        from numaru.facilities.messaging import api as messaging

        taken = self._lines(self.file)
        return {key: messaging.Outcome(key, "accepted", f"p-{key}") for key in keys if key in taken}

    def reports(self, cursor: str) -> tuple[list[object], str]:
        return [], cursor


class Only:
    """SMS goes to the provider, the rest stays in the house."""

    def __init__(self, folder: Path) -> None:
        self.provider = Remembers(folder)

    def of(self, channel: str) -> object:
        return self.provider if channel == "sms" else None


def main(number: str, folder: str, instant: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "numaru.config.settings")
    import django

    django.setup()
    from numaru.facilities.messaging import api as messaging
    from numaru.facilities.messaging import sending, unknowns
    from numaru.kernel import clock, ports

    ports.bind(messaging.Carriers, Only(Path(folder)))  # type: ignore[type-abstract]
    with clock.pinned(datetime.fromisoformat(instant)):
        while sending.send(number, 600):
            pass
        unknowns.ask_again()


if __name__ == "__main__":
    main(*sys.argv[1:])
