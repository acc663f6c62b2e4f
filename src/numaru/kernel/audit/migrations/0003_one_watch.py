from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_filters")]

    operations = [
        migrations.AlterField(
            model_name="watch", name="id", field=models.SmallIntegerField(default=1, primary_key=True, serialize=False)
        ),
    ]
