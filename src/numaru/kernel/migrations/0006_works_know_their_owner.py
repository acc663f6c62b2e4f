"""Work in progress knows whose it is by the account, not by a name that two may share."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_policies_say_who_set_them")]
    operations = [migrations.AddField("work", "staff", models.BigIntegerField(null=True))]
