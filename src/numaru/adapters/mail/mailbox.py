"""Reading a mailbox by IMAP: each mail once, one after the other, and marked as seen only after what it said is committed."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable
from typing import Any

from numaru.adapters.mail.incoming.reading import BEGINNING, MOST
from numaru.adapters.mail.models import Mailbox
from numaru.adapters.mail.relay import Server
from numaru.adapters.mail.taking import note_look, take_mail
from numaru.kernel import clock
from numaru.kernel.access import Actor

PATIENCE = 30.0  # seconds
ROUND = 500  # mails of one look; the next look goes on
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxDown(Exception):
    """The mailbox cannot be read now. Says the kind of fault, never the server's words."""


def name_of(server: Server) -> str:
    return f"{server.user}@{server.host}/{server.place or 'INBOX'}"[:200]


def look(server: Server, key_of: Callable[[str], str | None], most: int = ROUND) -> int:
    """Take what is new and return how much. Raises MailboxDown, noted for the health page."""
    box, _ = Mailbox.objects.get_or_create(name=name_of(server))
    try:
        taken = _look(server, box, key_of, most)
    except Exception as fault:
        kind = str(fault) if isinstance(fault, MailboxDown) else type(fault).__name__
        note_look(box, clock.now(), kind)
        if isinstance(fault, (MailboxDown, OSError, imaplib.IMAP4.error)) or type(fault).__module__.startswith("imap_tools"):
            raise MailboxDown(kind) from None
        raise
    note_look(box, clock.now(), "")
    return taken


def _look(server: Server, box: Mailbox, key_of: Callable[[str], str | None], most: int) -> int:
    from imap_tools import MailBox, MailBoxUnencrypted, MailMessageFlags
    from imap_tools.errors import MailboxLoginError

    place = server.place or "INBOX"
    client: Any = (
        MailBox(server.host, server.port, timeout=PATIENCE, ssl_context=ssl.create_default_context()) if server.scheme == "imaps"
        else MailBoxUnencrypted(server.host, server.port, timeout=PATIENCE)
    )  # fmt: skip
    try:
        client.login(server.user, server.password, place)
    except MailboxLoginError:
        raise MailboxDown("sign-in refused") from None
    taken = 0
    try:
        validity = int(client.folder.status(place, ["UIDVALIDITY"])["UIDVALIDITY"])
        after = box.last_uid if box.validity == validity else 0
        numbers = sorted(
            int(u) for u in client.uids(f"UID {after + 1}:*") if int(u) > after
        )  # "n:*" gives the last one even when it is older
        for uid in numbers[:most]:
            size, raw = _fetch(client, uid)
            if raw is None:
                continue  # deleted by somebody while we read
            state = take_mail.do(Actor.system("mail"), mailbox=box.pk, validity=validity, uid=uid, raw=raw, size=size, key_of=key_of)
            taken += state != "twice"
            client.flag([str(uid)], [MailMessageFlags.SEEN], True)
    finally:
        try:
            client.logout()
        except Exception:  # what was taken is committed; a goodbye that fails changes nothing
            pass
    return taken


def _fetch(client: Any, uid: int) -> tuple[int, bytes | None]:
    """Size and bytes; of a mail that is too large the beginning alone is fetched."""
    _, told = client.client.uid("fetch", str(uid), "(RFC822.SIZE)")
    found = _SIZE.search(b" ".join(part for part in told if isinstance(part, bytes)))
    size = int(found[1]) if found else 0
    _, told = client.client.uid("fetch", str(uid), "(BODY.PEEK[])" if size <= MOST else f"(BODY.PEEK[]<0.{BEGINNING}>)")
    return size, next((part[1] for part in told if isinstance(part, tuple)), None)
