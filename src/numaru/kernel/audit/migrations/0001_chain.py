"""The chain, what is noticed in the access log, its reviews; and the guards that make the log append-only.

A record or an opening may be blanked when a destruction that covers it is on record, and changed in no other way. TRUNCATE is refused
everywhere but in a database whose name begins with test_, which the tests empty between transactions.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION numaru_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION numaru_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_database() NOT LIKE 'test\\_%' THEN
        RAISE EXCEPTION '% is append-only: TRUNCATE refused', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION numaru_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.at, NEW.actor_kind, NEW.action, NEW.object) = (OLD.id, OLD.at, OLD.actor_kind, OLD.action, OLD.object)
        AND NEW.actor_id IS NULL AND NEW.actor_name = '' AND NEW.key = '' AND NEW.reason = '' AND NEW.before = '{}' AND NEW.after = '{}'
        AND NEW.cause IS NULL AND NEW.approval IS NULL
        AND EXISTS (SELECT 1 FROM audit_destruction d WHERE d.source = 'r' AND d.upto >= OLD.id AND d.before > OLD.at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: UPDATE refused', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION numaru_opening_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.at, NEW.kind, NEW.outcome) = (OLD.id, OLD.at, OLD.kind, OLD.outcome)
        AND NEW.person = 0 AND NEW.actor = '' AND NEW.staff IS NULL AND NEW.client IS NULL AND NEW.service = '' AND NEW.code = ''
        AND NEW.purpose = '' AND NEW.case_ref = '' AND NEW.bulk = ''
        AND EXISTS (SELECT 1 FROM audit_destruction d WHERE d.source = 'o' AND d.upto >= OLD.id AND d.before > OLD.at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: UPDATE refused', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
UNGUARD = """
DROP FUNCTION numaru_log_append_only(); DROP FUNCTION numaru_no_truncate(); DROP FUNCTION numaru_record_guard(); DROP FUNCTION numaru_opening_guard();
"""
CHAIN = ["audit_seal", "audit_block", "audit_destruction"]
LOGS = {"kernel_auditrecord": "numaru_record_guard", "vault_opening": "numaru_opening_guard"}
TRIGGERS = "\n".join(
    [f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION numaru_log_append_only();" for t in CHAIN]
    + [f"CREATE TRIGGER append_only BEFORE DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION numaru_log_append_only();" for t in LOGS]
    + [f"CREATE TRIGGER blank_by_rule BEFORE UPDATE ON {t} FOR EACH ROW EXECUTE FUNCTION {f}();" for t, f in LOGS.items()]
    + [f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {t} FOR EACH STATEMENT EXECUTE FUNCTION numaru_no_truncate();" for t in [*CHAIN, *LOGS]]
)
UNTRIGGER = "\n".join(
    [f"DROP TRIGGER append_only ON {t}; DROP TRIGGER no_truncate ON {t};" for t in [*CHAIN, *LOGS]] + [f"DROP TRIGGER blank_by_rule ON {t};" for t in LOGS]
)
INDEXES = """
CREATE INDEX audit_record_key ON kernel_auditrecord (key, id DESC);
CREATE INDEX audit_record_actor ON kernel_auditrecord (actor_kind, actor_id, id DESC);
CREATE INDEX audit_record_action ON kernel_auditrecord (action, id DESC);
CREATE INDEX audit_opening_person ON vault_opening (person, id DESC);
CREATE INDEX audit_opening_staff ON vault_opening (staff, id DESC);
"""
UNINDEX = """
DROP INDEX audit_record_key; DROP INDEX audit_record_actor; DROP INDEX audit_record_action; DROP INDEX audit_opening_person; DROP INDEX audit_opening_staff;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0003_the_vault_moves_out"), ("vault", "0001_taken_over")]
    operations = [
        migrations.CreateModel(
            name='AccessReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(unique=True)),
                ('figures', models.JSONField()),
                ('made_at', models.DateTimeField()),
                ('state', models.CharField(default='open', max_length=8)),
                ('note', models.CharField(blank=True, default='', max_length=400)),
                ('signed_by', models.BigIntegerField(null=True)),
                ('signed_name', models.CharField(blank=True, default='', max_length=80)),
                ('signed_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'audit_review',
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('chain', models.CharField(max_length=32)),
                ('form', models.SmallIntegerField()),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
                ('at', models.DateTimeField(db_index=True)),
                ('marks', models.JSONField()),
                ('previous', models.BinaryField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'db_table': 'audit_block',
            },
        ),
        migrations.CreateModel(
            name='Destruction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=1)),
                ('before', models.DateTimeField()),
                ('upto', models.BigIntegerField()),
                ('count', models.BigIntegerField()),
                ('rule', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'audit_destruction',
            },
        ),
        migrations.CreateModel(
            name='SearchMiss',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('staff', models.BigIntegerField()),
                ('at', models.DateTimeField(db_index=True)),
            ],
            options={
                'db_table': 'audit_searchmiss',
            },
        ),
        migrations.CreateModel(
            name='StaffTie',
            fields=[
                ('staff', models.BigIntegerField(primary_key=True, serialize=False)),
                ('tokens', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('count', models.IntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'audit_tie',
            },
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('upto', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'audit_watch',
            },
        ),
        migrations.CreateModel(
            name='AccessFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=160, unique=True)),
                ('rule', models.CharField(max_length=40)),
                ('severity', models.CharField(max_length=8)),
                ('state', models.CharField(default='new', max_length=10)),
                ('actor', models.CharField(max_length=100)),
                ('staff', models.BigIntegerField(null=True)),
                ('evidence', models.JSONField(default=dict)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('note', models.CharField(blank=True, default='', max_length=400)),
                ('decided_by', models.BigIntegerField(null=True)),
                ('decided_name', models.CharField(blank=True, default='', max_length=80)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'audit_finding',
                'indexes': [models.Index(condition=models.Q(('state', 'new')), fields=['-id'], name='audit_finding_new'), models.Index(fields=['staff', '-id'], name='audit_finding_staff')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=1)),
                ('row', models.BigIntegerField()),
                ('payload', models.BinaryField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'db_table': 'audit_seal',
                'constraints': [models.UniqueConstraint(fields=('source', 'row'), name='audit_sealed_once')],
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('since', models.DateTimeField(null=True)),
                ('full', models.BooleanField()),
                ('blocks', models.BigIntegerField()),
                ('records', models.BigIntegerField()),
                ('destroyed', models.BigIntegerField()),
                ('problems', models.BigIntegerField()),
                ('findings', models.JSONField(default=list)),
                ('unsealed', models.BigIntegerField()),
                ('oldest', models.FloatField()),
                ('seconds', models.FloatField()),
            ],
            options={
                'db_table': 'audit_verification',
                'indexes': [models.Index(fields=['full', '-id'], name='audit_verification_last')],
            },
        ),
        migrations.CreateModel(
            name='OpeningHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('staff', models.BigIntegerField()),
                ('since', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by', models.BigIntegerField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=400)),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='audit.accessfinding')),
            ],
            options={
                'db_table': 'audit_hold',
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('staff',), name='audit_hold_once')],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(TRIGGERS, UNTRIGGER),
        migrations.RunSQL(INDEXES, UNINDEX),
    ]
