"""Jobs of access: expired grants and sessions are closed every hour, and a review is opened when it is due."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.kernel.access import Actor
from numaru.kernel.jobs import job
from numaru.kernel.staff import factors, grants, reviews, throttle
from numaru.kernel.staff.sessions import SessionStore


@app.periodic(cron="11 * * * *")
@job(queue="periodic", name="staff.tidy")
def tidy(timestamp: int) -> None:
    """Write the end onto expired grants, forget old sessions and gates, write deadlines for second factors anew."""
    grants.close_expired()
    SessionStore.clear_expired()
    throttle.forget()
    factors.refresh_all()


@app.periodic(cron="20 6 * * *")
@job(queue="periodic", name="staff.review")
def review_when_due(timestamp: int) -> None:
    """Open the periodic review of access when its day has come."""
    if reviews.next_due():
        reviews.open_review.do(Actor.system("staff.review"))
