"""Tables of work: tasks with their checklists, words, hand-overs and history.

The title says what kind of work it is and stands in lists; it is refused when it holds personal data. Everything else that people write is sealed.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous, text
from numaru.kernel.vault.text import SealedTextField


class Task(models.Model):
    """One thing that somebody is to do. ``role`` names who may take it while nobody has; ``staff`` has it. ``ends_at`` is ``due_at``, or far
    away when there is none, so that lists can sort by it."""

    declared: ClassVar[dict[str, Holds]] = (
        plain(
            "id number title about_kind about_key service role priority state due_at due_whole ends_at origin once opened_at changed_at began_at closed_at told_near_at told_late_at"
        )
        | pseudonymous("staff opened_by opened_name closed_by closed_name")
        | text("details")
    )

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    details = SealedTextField()
    about_kind = models.CharField(max_length=60, blank=True, default="")  # what audit calls the object
    about_key = models.CharField(max_length=80, blank=True, default="")  # its shown number
    service = models.CharField(max_length=80, blank=True, default="")  # slug; empty: the house
    role = models.CharField(max_length=40, blank=True, default="")
    staff = models.BigIntegerField(null=True)
    priority = models.SmallIntegerField(default=2)  # 0 urgent … 3 low
    state = models.CharField(max_length=10, default="open")  # open | doing | waiting | done | cancelled
    due_at = models.DateTimeField(null=True)
    due_whole = models.BooleanField(default=False)  # due through the day before ``due_at``, which is its end
    ends_at = models.DateTimeField()
    origin = models.CharField(max_length=120, blank=True, default="")  # the room, rule or run that opened it
    once = models.CharField(max_length=160, null=True, unique=True)
    opened_at = models.DateTimeField()
    opened_by = models.BigIntegerField(null=True)
    opened_name = models.CharField(max_length=80)
    changed_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)
    closed_name = models.CharField(max_length=80, blank=True, default="")
    told_near_at = models.DateTimeField(null=True)  # whoever has it was told that it is due soon
    told_late_at = models.DateTimeField(null=True)  # whoever has it was told that it is overdue

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["ends_at", "id"], name="work_task_by_due"),
            models.Index(fields=["staff", "ends_at"], name="work_task_of_staff", condition=models.Q(closed_at__isnull=True)),
            models.Index(fields=["role", "ends_at"], name="work_task_of_role", condition=models.Q(closed_at__isnull=True)),
            models.Index(fields=["about_kind", "about_key"], name="work_task_about"),
            models.Index(fields=["service", "ends_at"], name="work_task_of_service"),
            models.Index(fields=["closed_at"], name="work_task_closed"),
        ]


class ChecklistItem(models.Model):
    """One point of a task's checklist."""

    declared: ClassVar[dict[str, Holds]] = plain("id task ordinal done_at") | pseudonymous("done_by done_name") | text("words")

    task = models.ForeignKey(Task, models.CASCADE, related_name="checklist", db_index=False)
    ordinal = models.SmallIntegerField()
    words = SealedTextField()
    done_at = models.DateTimeField(null=True)
    done_by = models.BigIntegerField(null=True)
    done_name = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["task", "ordinal"], name="work_checklist_once")]


class TaskEvent(models.Model):
    """What happened to a task: never changed, never deleted before its task. Comments are events of the kind ``comment``."""

    declared: ClassVar[dict[str, Holds]] = plain("id task at kind values") | pseudonymous("by by_name") | text("words")

    task = models.ForeignKey(Task, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    values = models.JSONField(default=dict)  # states, roles, ids; nothing about a person
    words = SealedTextField()  # the comment, note or reason
    by = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=80)


class TaskOffer(models.Model):
    """A task offered to a role or a person with a note. It stays with who has it until somebody accepts."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id task to_role state at answered_at")
        | pseudonymous("from_staff from_name to_staff answered_by answered_name")
        | text("note answer")
    )

    task = models.ForeignKey(Task, models.CASCADE, related_name="offers")
    from_staff = models.BigIntegerField(null=True)
    from_name = models.CharField(max_length=80)
    to_role = models.CharField(max_length=40, blank=True, default="")
    to_staff = models.BigIntegerField(null=True)
    note = SealedTextField()
    state = models.CharField(max_length=10, default="offered")  # offered | accepted | returned | withdrawn
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_name = models.CharField(max_length=80, blank=True, default="")
    answer = SealedTextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["task"], name="work_offer_once", condition=models.Q(state="offered"))]
        indexes: ClassVar = [
            models.Index(fields=["to_staff"], name="work_offer_to_staff", condition=models.Q(state="offered")),
            models.Index(fields=["to_role"], name="work_offer_to_role", condition=models.Q(state="offered")),
        ]


class ProcessDefinition(models.Model):
    """A process that the house knows: what it is called. What it says stands in its versions."""

    declared: ClassVar[dict[str, Holds]] = plain("id key name_ko name_en made_at")

    key = models.SlugField(max_length=40, unique=True)
    name_ko = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    made_at = models.DateTimeField()


class ProcessVersion(models.Model):
    """What a process says, as it was written. Never edited: a change is a version, and what runs stays on the one it began with."""

    declared: ClassVar[dict[str, Holds]] = plain("id definition number source made_at") | pseudonymous("made_by made_name")

    definition = models.ForeignKey(ProcessDefinition, models.PROTECT, related_name="versions", db_index=False)
    number = models.IntegerField()
    source = models.TextField()  # TOML; refused when it holds personal data
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    made_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["definition", "number"], name="work_process_version")]


class Process(models.Model):
    """A process that runs, or ran. ``step``, ``role``, ``task``, ``stands_since`` and ``ends_at`` say where it stands, so that lists can sort."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id number title version about_kind about_key service state step role task stands_since ends_at once started_at ended_at")
        | pseudonymous("started_by started_name ended_name")
        | text("details")
    )

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    version = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="running")
    details = SealedTextField()
    about_kind = models.CharField(max_length=60, blank=True, default="")
    about_key = models.CharField(max_length=80, blank=True, default="")
    service = models.CharField(max_length=80, blank=True, default="")  # slug; empty: the house
    state = models.CharField(max_length=10, default="running")  # running | done | cancelled
    step = models.CharField(max_length=40, blank=True, default="")  # where it stands; empty once it ended
    role = models.CharField(max_length=40, blank=True, default="")
    task = models.CharField(max_length=20, blank=True, default="")  # number of the task of that step
    stands_since = models.DateTimeField()
    ends_at = models.DateTimeField()  # when that step is due; far away once it ended
    once = models.CharField(max_length=160, null=True, unique=True)
    started_at = models.DateTimeField()
    started_by = models.BigIntegerField(null=True)
    started_name = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    ended_name = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["ends_at", "id"], name="work_process_by_due"),
            models.Index(fields=["about_kind", "about_key"], name="work_process_about"),
            models.Index(fields=["service", "ends_at"], name="work_process_of_service"),
            models.Index(fields=["ended_at"], name="work_process_ended"),
        ]


class ProcessStep(models.Model):
    """One pass through a step: its task, what came of it, and what was handed over. A step that is sent back to is passed again."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id process ordinal step role task opened_at due_at closed_at outcome") | pseudonymous("closed_by closed_name") | text("note")
    )

    process = models.ForeignKey(Process, models.CASCADE, related_name="steps", db_index=False)
    ordinal = models.SmallIntegerField()
    step = models.CharField(max_length=40)
    role = models.CharField(max_length=40)
    task = models.CharField(max_length=20, unique=True)  # number; the task goes by its own period
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)
    closed_name = models.CharField(max_length=80, blank=True, default="")
    outcome = models.CharField(max_length=40, blank=True, default="")  # of the definition; empty: cancelled with the process
    note = SealedTextField()  # what was handed over

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["process", "ordinal"], name="work_process_step")]


class Window(models.Model):
    """A stretch of time in the calendar, once or again and again. Half-open: ``ends_at`` is the first instant after it. A whole day begins and
    ends at midnight of ``zone``. ``exdates`` and ``overrides`` are what other calendars call exceptions; overrides hold their own start and end."""

    declared: ClassVar[dict[str, Holds]] = (
        plain(
            "id number uid sequence kind title service starts_at ends_at last_at all_day zone rrule exdates overrides state source opened_at changed_at"
        )
        | pseudonymous("staff opened_by opened_name")
        | text("details")
    )

    number = models.CharField(max_length=20, unique=True)
    uid = models.CharField(max_length=255, unique=True)
    sequence = models.IntegerField(default=0)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    details = SealedTextField()
    service = models.CharField(max_length=80, blank=True, default="")  # slug; empty: all services
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    last_at = models.DateTimeField()  # no occurrence ends after this
    all_day = models.BooleanField(default=False)
    zone = models.CharField(max_length=60)
    rrule = models.CharField(max_length=400, blank=True, default="")
    exdates = models.JSONField(default=list)
    overrides = models.JSONField(default=list)
    staff = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default="planned")  # planned | cancelled
    source = models.CharField(max_length=10, default="house")  # house | file
    opened_at = models.DateTimeField()
    opened_by = models.BigIntegerField(null=True)
    opened_name = models.CharField(max_length=80)
    changed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["last_at", "starts_at"], name="work_window_span")]


class CalendarFeed(models.Model):
    """The private address under which a member of staff reads the calendar from elsewhere. Only its hash is kept."""

    declared: ClassVar[dict[str, Holds]] = plain("id token_hash made_at ended_at used_at") | pseudonymous("staff")

    staff = models.BigIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["staff"], name="work_feed_once", condition=models.Q(ended_at__isnull=True))
        ]


class CalendarFile(models.Model):
    """A calendar file that was read and waits to be taken in. Sealed, and deleted when it was, or after a day."""

    declared: ClassVar[dict[str, Holds]] = plain("id number read_at kind service") | pseudonymous("staff") | text("content")

    number = models.CharField(max_length=20, unique=True)
    staff = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    service = models.CharField(max_length=80, blank=True, default="")
    content = SealedTextField()
    read_at = models.DateTimeField()
