"""Jobs of incoming mail: each mailbox is read every minute by a job of its own, and what it said is told."""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from numaru.adapters import drivers
from numaru.adapters.mail.mailbox import MailboxDown, look
from numaru.adapters.mail.taking import tell_all
from numaru.kernel.jobs import job


@job(queue="mail", name="mail.read_box")
def read_box(name: str) -> None:
    """Read one mailbox. A server that is away is noted, not raised: the next minute tries again."""
    server = drivers.mailboxes().get(name)
    if server is None:
        return
    try:
        look(server, drivers.tokens().key)
    except MailboxDown:
        pass
    tell_all()


@app.periodic(cron="* * * * *")
@job(queue="periodic", name="mail.each_minute")
def each_minute(timestamp: int) -> None:
    """Queue a look into each mailbox, but never two into the same one."""
    for name in drivers.mailboxes():
        try:
            read_box.configure(queueing_lock=f"mail {name}", lock=f"mail {name}").defer(name=name)
        except AlreadyEnqueued:
            pass
