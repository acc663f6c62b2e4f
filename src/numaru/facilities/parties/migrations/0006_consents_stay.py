"""The ledger of consents is append-only: a line is never changed, and goes only when retention says so. A published text is never changed."""

from django.db import migrations

STAY = """
CREATE FUNCTION parties_consent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('numaru.consents_over', true) = 'yes' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION parties_text_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published text is not changed: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER consent_stays BEFORE UPDATE OR DELETE ON parties_consentevent FOR EACH ROW EXECUTE FUNCTION parties_consent_stays();
CREATE TRIGGER text_stays BEFORE UPDATE OR DELETE ON parties_consenttext FOR EACH ROW EXECUTE FUNCTION parties_text_stays();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON parties_consentevent FOR EACH STATEMENT EXECUTE FUNCTION numaru_no_truncate();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON parties_consenttext FOR EACH STATEMENT EXECUTE FUNCTION numaru_no_truncate();
"""
BACK = """
DROP TRIGGER no_truncate ON parties_consenttext; DROP TRIGGER no_truncate ON parties_consentevent;
DROP TRIGGER text_stays ON parties_consenttext; DROP TRIGGER consent_stays ON parties_consentevent;
DROP FUNCTION parties_text_stays(); DROP FUNCTION parties_consent_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0005_consents"), ("audit", "0001_chain")]
    operations = [migrations.RunSQL(STAY, BACK)]
