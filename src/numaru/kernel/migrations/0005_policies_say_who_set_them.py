"""A version of a policy says who set it and through which approval, and can no longer be edited or removed."""

from django.db import migrations, models

KEEP = """
CREATE FUNCTION kernel_policy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of policies is not edited';
END $$;
CREATE TRIGGER kernel_policy_stays BEFORE UPDATE OR DELETE ON kernel_policy FOR EACH ROW EXECUTE FUNCTION kernel_policy_stays();
"""
LET_GO = """
DROP TRIGGER kernel_policy_stays ON kernel_policy;
DROP FUNCTION kernel_policy_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_grants_have_a_history")]
    operations = [
        migrations.AddField("policy", "set_by", models.BigIntegerField(null=True)),
        migrations.AddField("policy", "set_name", models.CharField(blank=True, default="", max_length=80)),
        migrations.AddField("policy", "approval", models.BigIntegerField(null=True)),
        migrations.AddField("policy", "note", models.CharField(blank=True, default="", max_length=400)),
        migrations.RunSQL(KEEP, LET_GO),
    ]
