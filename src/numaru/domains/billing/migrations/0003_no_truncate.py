"""TRUNCATE is refused on facts, terms and documents as UPDATE and DELETE are, but in databases whose name begins with test_."""

from django.db import migrations

TABLES = [
    "billing_contractfact", "billing_chargeterm", "billing_tier", "catalogue_offerversion",
    "billing_invoice", "billing_line", "billing_tax", "billing_transfer",
]  # fmt: skip
TRIGGERS = "\n".join(
    f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION numaru_no_truncate();" for table in TABLES
)
UNTRIGGER = "\n".join(f"DROP TRIGGER no_truncate ON {table};" for table in TABLES)
PARENTS = "'billing_invoice'::regclass, 'billing_line'::regclass, 'billing_tax'::regclass, 'billing_transfer'::regclass"
# a statement trigger of the parent does not stand for its partitions: those of runs posted so far get their own, later ones when attached
PARTITIONS = f"""
DO $$ DECLARE part regclass; BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent IN ({PARENTS}) LOOP
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION numaru_no_truncate()', part);
    END LOOP;
END $$;
"""
UNPARTITIONS = f"""
DO $$ DECLARE part regclass; BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent IN ({PARENTS}) LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS no_truncate ON %s', part);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_documents"), ("audit", "0001_chain")]
    operations = [migrations.RunSQL(TRIGGERS, UNTRIGGER), migrations.RunSQL(PARTITIONS, UNPARTITIONS)]
