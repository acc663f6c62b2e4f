"""What was destroyed stays written: the log and its refs are neither changed nor deleted."""

from django.db import migrations

GUARD = """
CREATE FUNCTION retention_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON retention_destruction FOR EACH ROW EXECUTE FUNCTION retention_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON retention_destroyed FOR EACH ROW EXECUTE FUNCTION retention_append_only();
"""
BACK = """
DROP TRIGGER append_only ON retention_destroyed;
DROP TRIGGER append_only ON retention_destruction;
DROP FUNCTION retention_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, BACK)]
