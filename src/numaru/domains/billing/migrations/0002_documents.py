"""The partitioned document tables, and the guards that make facts, terms and documents append-only."""

from django.db import migrations

PARENTS = """
CREATE TABLE billing_invoice (
    run_id bigint NOT NULL, ordinal integer NOT NULL, account_id bigint NOT NULL, currency varchar(3) NOT NULL,
    period_from date NOT NULL, period_to date NOT NULL, issued_at timestamptz NOT NULL, due_on date NOT NULL,
    total bigint NOT NULL, supply bigint NOT NULL, tax bigint NOT NULL, line_count smallint NOT NULL,
    PRIMARY KEY (run_id, ordinal)
) PARTITION BY LIST (run_id);
CREATE INDEX billing_invoice_account ON billing_invoice (account_id);
CREATE TABLE billing_line (
    run_id bigint NOT NULL, ordinal integer NOT NULL, line smallint NOT NULL, contract_id bigint NOT NULL, charge_id bigint NOT NULL,
    version_id bigint NOT NULL, segment smallint NOT NULL, sign smallint NOT NULL, period_from date NOT NULL, period_to date NOT NULL,
    quantity numeric(19,6), price numeric(18,6), num smallint, den smallint, amount bigint NOT NULL, events integer,
    tax_mode varchar(8) NOT NULL,
    PRIMARY KEY (run_id, ordinal, line)
) PARTITION BY LIST (run_id);
CREATE TABLE billing_tax (
    run_id bigint NOT NULL, ordinal integer NOT NULL, tax_mode varchar(8) NOT NULL, rate numeric(9,6) NOT NULL,
    supply bigint NOT NULL, tax bigint NOT NULL,
    PRIMARY KEY (run_id, ordinal, tax_mode, rate)
) PARTITION BY LIST (run_id);
CREATE TABLE billing_transfer (
    run_id bigint NOT NULL, ordinal integer NOT NULL, seq smallint NOT NULL, debit smallint NOT NULL, credit smallint NOT NULL,
    amount bigint NOT NULL CONSTRAINT billing_transfer_positive CHECK (amount > 0), account_id bigint NOT NULL, currency varchar(3) NOT NULL,
    PRIMARY KEY (run_id, ordinal, seq)
) PARTITION BY LIST (run_id);
CREATE INDEX billing_transfer_account ON billing_transfer (account_id);
"""
DROP = "DROP TABLE billing_transfer; DROP TABLE billing_tax; DROP TABLE billing_line; DROP TABLE billing_invoice;"

GUARD = """
CREATE FUNCTION numaru_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
GUARDED = [
    "billing_contractfact", "billing_chargeterm", "billing_tier", "catalogue_offerversion",
    "billing_invoice", "billing_line", "billing_tax", "billing_transfer",
]  # fmt: skip
TRIGGERS = "\n".join(
    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION numaru_append_only();" for table in GUARDED
)
UNTRIGGER = "\n".join(f"DROP TRIGGER append_only ON {table};" for table in GUARDED)


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("catalogue", "0001_initial")]
    operations = [
        migrations.RunSQL(PARENTS, DROP),
        migrations.RunSQL(GUARD, "DROP FUNCTION numaru_append_only();"),
        migrations.RunSQL(TRIGGERS, UNTRIGGER),
    ]
