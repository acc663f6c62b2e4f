"""The history of a case is never edited, but it ends with its case: lines of a closed case may go when retention says so."""

from django.db import migrations

END = """
CREATE FUNCTION leaks_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('numaru.leaks_over', true) = 'yes'
       AND EXISTS (SELECT 1 FROM leaks_leakcase c WHERE c.id = OLD.case_id AND c.state = 'closed') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the history of a case is not edited';
END $$;
DROP TRIGGER leaks_stays ON leaks_leakentry;
CREATE TRIGGER leaks_stays BEFORE UPDATE ON leaks_leakentry FOR EACH ROW EXECUTE FUNCTION leaks_stays();
CREATE TRIGGER leaks_ends BEFORE DELETE ON leaks_leakentry FOR EACH ROW EXECUTE FUNCTION leaks_ends();
"""
BACK = """
DROP TRIGGER leaks_ends ON leaks_leakentry;
DROP TRIGGER leaks_stays ON leaks_leakentry;
CREATE TRIGGER leaks_stays BEFORE UPDATE OR DELETE ON leaks_leakentry FOR EACH ROW EXECUTE FUNCTION leaks_stays();
DROP FUNCTION leaks_ends();
"""


class Migration(migrations.Migration):
    dependencies = [("leaks", "0002_history_stays")]
    operations = [migrations.RunSQL(END, BACK)]
