"""The timeline, the sets of affected people and the texts of a case are never edited: the database refuses it."""

from django.db import migrations

KEEP = """
CREATE FUNCTION leaks_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of a case is not edited';
END $$;
CREATE TRIGGER leaks_stays BEFORE UPDATE OR DELETE ON leaks_leakentry FOR EACH ROW EXECUTE FUNCTION leaks_stays();
CREATE TRIGGER leaks_stays BEFORE UPDATE ON leaks_affectedperson FOR EACH ROW EXECUTE FUNCTION leaks_stays();
CREATE TRIGGER leaks_stays BEFORE UPDATE ON leaks_affectedset FOR EACH ROW WHEN (OLD.sha256 <> '') EXECUTE FUNCTION leaks_stays();
CREATE TRIGGER leaks_stays BEFORE UPDATE ON leaks_leakdraft FOR EACH ROW
    WHEN (OLD.ko <> NEW.ko OR OLD.en <> NEW.en OR OLD.sha256 <> NEW.sha256 OR OLD.state = 'approved') EXECUTE FUNCTION leaks_stays();
CREATE TRIGGER leaks_stays BEFORE UPDATE ON leaks_sendingresult FOR EACH ROW EXECUTE FUNCTION leaks_stays();
"""
LET_GO = """
DROP TRIGGER leaks_stays ON leaks_sendingresult;
DROP TRIGGER leaks_stays ON leaks_leakdraft;
DROP TRIGGER leaks_stays ON leaks_affectedset;
DROP TRIGGER leaks_stays ON leaks_affectedperson;
DROP TRIGGER leaks_stays ON leaks_leakentry;
DROP FUNCTION leaks_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("leaks", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, LET_GO)]
