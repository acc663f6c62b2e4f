"""Jobs of parties: making the file of a bulk opening, and deleting it when its day is over."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.facilities.parties import accounts
from numaru.facilities.parties.actions.exports import WORK, delete_old, write_export
from numaru.facilities.parties.consents import due
from numaru.kernel.jobs import job, resumable


@job(queue="bulk", name="parties.export")
def run_export(number: str) -> None:
    """Make one file; made already means nothing happens."""
    write_export(number)


def resume(number: str) -> object:
    """Queue a file again whose worker died."""
    return run_export.configure(lock=f"export:{number}").defer(number=number)


resumable.add(WORK, resume)


@app.periodic(cron="*/10 * * * *")
@job(queue="periodic", name="parties.delete_exports")
def delete_exports(timestamp: int) -> None:
    """Delete the files of bulk openings that are over."""
    delete_old()


@app.periodic(cron="26 * * * *")
@job(queue="periodic", name="parties.tidy_portal")
def tidy_portal(timestamp: int) -> None:
    """Drop portal sessions that are over and invitations that are long over."""
    accounts.forget()


@app.periodic(cron="10 3 * * *")
@job(queue="periodic", name="parties.consents")
def look_at_consents(timestamp: int) -> None:
    """Find whose consent is to be confirmed, and who is to be told what became of what they said."""
    due.nightly()
