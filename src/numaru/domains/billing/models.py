"""Tables of billing. Contract facts, price terms and documents are append-only: the database refuses to change them.

Documents (invoice, line, tax, transfer) live in tables partitioned by run. A run fills bare tables of its own and attaches them when
everything ties out (docs/decisions/run-and-attach.md); their Django models are unmanaged views of the partitioned parents.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous

MINOR = models.BigIntegerField


class Account(models.Model):
    """Billing account: payer party × currency × legal entity. What is owed is a sum of its transfers, never a column."""

    declared: ClassVar[dict[str, Holds]] = plain("id currency entity created_at") | pseudonymous("payer")

    payer = models.ForeignKey("parties.Party", models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    entity = models.ForeignKey("catalogue.LegalEntity", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["payer", "currency", "entity"], name="billing_account_once")]

    @property
    def number(self) -> str:
        return f"A-{self.pk:07d}"


class Contract(models.Model):
    """Subscriber × offer, as a list of facts. The row itself never changes."""

    declared: ClassVar[dict[str, Holds]] = plain("id offer service created_at digest") | pseudonymous("subscriber account reference")

    subscriber = models.ForeignKey("subscribers.Subscriber", models.PROTECT, related_name="+")
    offer = models.ForeignKey("catalogue.Offer", models.PROTECT, related_name="+")
    service = models.ForeignKey("catalogue.Service", models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="contracts")
    reference = models.CharField(max_length=120, blank=True, default="")  # the name that an import gives it; unique in the service
    digest = models.CharField(max_length=32, blank=True, default="")  # of the imported row: importing it again changes nothing
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["service", "id"], name="billing_contract_service")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "reference"], name="billing_contract_once", condition=~models.Q(reference=""))
        ]

    @property
    def number(self) -> str:
        return f"C-{self.pk:07d}"


class ContractFact(models.Model):
    """Something that became true of a contract at ``effective_at`` and was known from ``recorded_at``. Append-only."""

    declared: ClassVar[dict[str, Holds]] = plain("id kind effective_at recorded_at version charge_key price source") | pseudonymous(
        "contract"
    )

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="facts")
    kind = models.CharField(max_length=16)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    version = models.ForeignKey("catalogue.OfferVersion", models.PROTECT, null=True, related_name="+", db_index=False)
    charge_key = models.CharField(max_length=40, blank=True, default="")
    price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    source = models.CharField(max_length=60, blank=True, default="")  # the action or import that recorded it


class ChargeTerm(models.Model):
    """One charge of an offer version: how it is counted, when it is due, what it costs, how it is taxed. Immutable."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id version key ordinal name_ko name_en kind timing proration price meter unit_ko unit_en tax_mode tax_rate currency"
    )

    version = models.ForeignKey("catalogue.OfferVersion", models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    ordinal = models.SmallIntegerField()
    name_ko = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)  # recurring | one_off | per_unit | graduated | event_priced
    timing = models.CharField(max_length=8, default="arrears")  # advance | arrears
    proration = models.CharField(max_length=12, default="actual_days")  # actual_days | none
    price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    meter = models.CharField(max_length=60, blank=True, default="")
    unit_ko = models.CharField(max_length=20, blank=True, default="")
    unit_en = models.CharField(max_length=20, blank=True, default="")
    tax_mode = models.CharField(max_length=8)  # included | excluded | none
    tax_rate = models.DecimalField(max_digits=9, decimal_places=6, default=0)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "key"], name="billing_term_once")]


class Tier(models.Model):
    """One tier of a graduated charge; ``upper`` is the cumulative upper bound, None for the last. Immutable."""

    declared: ClassVar[dict[str, Holds]] = plain("id charge number upper unit_price flat")

    charge = models.ForeignKey(ChargeTerm, models.PROTECT, related_name="tiers")
    number = models.SmallIntegerField()
    upper = models.DecimalField(max_digits=19, decimal_places=6, null=True)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    flat = models.DecimalField(max_digits=18, decimal_places=6, default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["charge", "number"], name="billing_tier_once")]


class BillRun(models.Model):
    """One billing of one service for one month, as an object. ``series`` is the number series of its invoices.

    The manifest freezes what the run reads; with the same manifest it makes the same bills for ever. At most one run of a service and
    period is alive: the database says so. ``kind`` single is the home of documents made one by one (numbers INV-YYYY-…).
    """

    declared: ClassVar[dict[str, Holds]] = plain(
        "id number kind service period_from period_to state series manifest manifest_hash known_at issued_at due_on accounts invoices "
        "parked zero idle totals usage summary created_at posted_at cancelled_at seconds failure"
    ) | pseudonymous("actor")

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, default="period")  # period | single
    service = models.ForeignKey("catalogue.Service", models.PROTECT, related_name="+", null=True)
    period_from = models.DateField()
    period_to = models.DateField()
    state = models.CharField(max_length=10, default="queued")
    series = models.CharField(max_length=40)
    manifest = models.JSONField(default=dict)
    manifest_hash = models.CharField(max_length=64, blank=True, default="")
    known_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    accounts = models.IntegerField(default=0)
    invoices = models.IntegerField(default=0)
    parked = models.IntegerField(default=0)
    zero = models.IntegerField(default=0)
    idle = models.IntegerField(default=0)
    totals = models.JSONField(default=dict)  # {currency: minor units}
    usage = models.JSONField(default=dict)  # events accepted, billed, unbilled by reason
    summary = models.JSONField(default=dict)  # amounts by charge, checks with their outcome
    actor = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    seconds = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    failure = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "period_from"], name="billing_run_once", condition=models.Q(kind="period") & ~models.Q(state="cancelled")
            ),
            models.UniqueConstraint(fields=["series"], name="billing_run_series", condition=models.Q(kind="period")),
        ]
        indexes: ClassVar = [models.Index(fields=["service", "-period_from"], name="billing_run_list")]


class RunChunk(models.Model):
    """A slice of a run that stands written in the run's tables: its row is committed with its rows, so a kill loses at most one."""

    declared: ClassVar[dict[str, Holds]] = plain("id run number first last invoices lines taxes transfers totals at")

    run = models.ForeignKey(BillRun, models.CASCADE, related_name="chunks")
    number = models.IntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    invoices = models.IntegerField()
    lines = models.IntegerField()
    taxes = models.IntegerField()
    transfers = models.IntegerField()
    totals = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "number"], name="billing_chunk_once")]


class ParkedAccount(models.Model):
    """An account that a run set aside with the reason; it can be billed later on its own, once."""

    declared: ClassVar[dict[str, Holds]] = plain("id run reason currency state invoice at known_at resolved_at") | pseudonymous("account")

    run = models.ForeignKey(BillRun, models.CASCADE, related_name="parked_accounts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40)
    currency = models.CharField(max_length=3, blank=True, default="")
    state = models.CharField(max_length=10, default="open")  # open | billed | zero
    invoice = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()
    known_at = models.DateTimeField(null=True)  # what was known then was billed on its own
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "account"], name="billing_parked_once")]


class Invoice(models.Model):
    """A finalised invoice: (run, ordinal). Its number is the run's series and the ordinal."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "pk run ordinal currency period_from period_to issued_at due_on total supply tax line_count"
    ) | pseudonymous("account")

    pk = models.CompositePrimaryKey("run_id", "ordinal")
    run = models.ForeignKey(BillRun, models.DO_NOTHING, related_name="+", db_constraint=False)
    ordinal = models.IntegerField()
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False)
    currency = models.CharField(max_length=3)
    period_from = models.DateField()
    period_to = models.DateField()
    issued_at = models.DateTimeField()
    due_on = models.DateField()
    total = MINOR()
    supply = MINOR()
    tax = MINOR()
    line_count = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "billing_invoice"


class Line(models.Model):
    """A line with its inputs: what was counted, at what price, over which days, rounded once."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "pk run ordinal line charge_id version_id segment sign period_from period_to quantity price num den amount events tax_mode"
    ) | pseudonymous("contract_id")

    pk = models.CompositePrimaryKey("run_id", "ordinal", "line")
    run = models.ForeignKey(BillRun, models.DO_NOTHING, related_name="+", db_constraint=False)
    ordinal = models.IntegerField()
    line = models.SmallIntegerField()
    contract_id = models.BigIntegerField()
    charge_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    segment = models.SmallIntegerField()
    sign = models.SmallIntegerField()
    period_from = models.DateField()
    period_to = models.DateField()
    quantity = models.DecimalField(max_digits=19, decimal_places=6, null=True)
    price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    num = models.SmallIntegerField(null=True)
    den = models.SmallIntegerField(null=True)
    amount = MINOR()
    events = models.IntegerField(null=True)
    tax_mode = models.CharField(max_length=8)

    class Meta:
        managed = False
        db_table = "billing_line"


class TaxRow(models.Model):
    """Tax of one class on one document."""

    declared: ClassVar[dict[str, Holds]] = plain("pk run ordinal tax_mode rate supply tax")

    pk = models.CompositePrimaryKey("run_id", "ordinal", "tax_mode", "rate")
    run = models.ForeignKey(BillRun, models.DO_NOTHING, related_name="+", db_constraint=False)
    ordinal = models.IntegerField()
    tax_mode = models.CharField(max_length=8)
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    supply = MINOR()
    tax = MINOR()

    class Meta:
        managed = False
        db_table = "billing_tax"


class Transfer(models.Model):
    """Money moved from one ledger account to another: balanced by itself, amount > 0, append-only."""

    declared: ClassVar[dict[str, Holds]] = plain("pk run ordinal seq debit credit amount currency") | pseudonymous("account_id")

    pk = models.CompositePrimaryKey("run_id", "ordinal", "seq")
    run = models.ForeignKey(BillRun, models.DO_NOTHING, related_name="+", db_constraint=False)
    ordinal = models.IntegerField()
    seq = models.SmallIntegerField()
    debit = models.SmallIntegerField()
    credit = models.SmallIntegerField()
    amount = MINOR()
    account_id = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        managed = False
        db_table = "billing_transfer"
