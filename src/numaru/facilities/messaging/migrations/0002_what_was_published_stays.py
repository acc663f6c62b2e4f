"""A published text is never changed, and what happened to a message is never edited: the database refuses both."""

from django.db import migrations

KEEP = """
CREATE FUNCTION messaging_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (NEW.wordings <> OLD.wordings OR NEW.variables <> OLD.variables OR NEW.number <> OLD.number
                                 OR NEW.template_id <> OLD.template_id OR NEW.state = 'draft') THEN
        RAISE EXCEPTION 'a published version of a template is not edited';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER messaging_version_stays BEFORE UPDATE ON messaging_templateversion FOR EACH ROW EXECUTE FUNCTION messaging_version_stays();
CREATE FUNCTION messaging_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what happened to a message is not edited';
END $$;
CREATE TRIGGER messaging_event_stays BEFORE UPDATE ON messaging_messageevent FOR EACH ROW EXECUTE FUNCTION messaging_event_stays();
CREATE TRIGGER messaging_ruling_stays BEFORE UPDATE ON messaging_ruling FOR EACH ROW EXECUTE FUNCTION messaging_event_stays();
"""
LET_GO = """
DROP TRIGGER messaging_version_stays ON messaging_templateversion;
DROP TRIGGER messaging_ruling_stays ON messaging_ruling;
DROP TRIGGER messaging_event_stays ON messaging_messageevent;
DROP FUNCTION messaging_version_stays();
DROP FUNCTION messaging_event_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, LET_GO)]
