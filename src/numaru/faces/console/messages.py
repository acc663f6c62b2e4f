"""The places of messaging in the room that all share."""

from __future__ import annotations

from numaru.faces.console.imports.rooms import ROOM
from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.web.batches import BATCHES
from numaru.facilities.messaging.web.outbox import OUTBOX
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters

ROOM.places.append(shell.Place("batches", BATCHES.name, "messaging:batches", messaging.BATCH_VIEW, listing=BATCHES.key))
ROOM.places.append(shell.Place("outbox", OUTBOX.name, "messaging:outbox", messaging.OUTBOX_VIEW, listing=OUTBOX.key))
chapters.add("shared.batches", Chapter("messages", "batches"))
chapters.add("shared.outbox", Chapter("messages", "the-outbox"))
