from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]
    operations = [
        migrations.AddField(model_name="party", name="token_version", field=models.SmallIntegerField(default=0)),
    ]
