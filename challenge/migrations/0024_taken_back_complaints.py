"""A complaint that was opened by mistake and taken back: the method does not read it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0023_announced_cohorts"),
    ]

    operations = [
        migrations.AddField(
            model_name="runnercomplaint",
            name="taken_back",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Opened by mistake: the method reads it as if it had never been opened.",
            ),
        ),
    ]
