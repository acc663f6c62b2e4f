"""Indexes for the filters of the two logs: without them a rare kind of actor, outcome or field is looked for through the whole log."""

from django.db import migrations

INDEXES = """
CREATE INDEX audit_record_kind ON kernel_auditrecord (actor_kind, id DESC);
CREATE INDEX audit_opening_outcome ON vault_opening (outcome, id DESC) WHERE outcome <> 'opened';
CREATE INDEX audit_opening_kind ON vault_opening (kind, id DESC);
"""
UNINDEX = "DROP INDEX audit_record_kind; DROP INDEX audit_opening_outcome; DROP INDEX audit_opening_kind;"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_chain")]
    operations = [migrations.RunSQL(INDEXES, UNINDEX)]
