"""The vault is an app of its own; its tables are taken over, as they are, by the app ``vault``."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_audit_approval")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="PersonKey"),
                migrations.DeleteModel(name="VaultEntry"),
                migrations.DeleteModel(name="VaultOpening"),
            ]
        )
    ]
