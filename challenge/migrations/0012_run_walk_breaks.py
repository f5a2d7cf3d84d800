"""Remember whether a typed cadence covers walking breaks, and name the old reason of a revision."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("challenge", "0012_complaint_change_kind")]

    operations = [
        migrations.AlterField(
            model_name="weeklytarget",
            name="because",
            field=models.CharField(
                choices=[
                    ("monday", "the week began"),
                    ("joined", "joined in the first week"),
                    ("stop", "a stop flag"),
                    ("pause", "a pause"),
                    ("phase", "a phase decision"),
                    ("by_hand", "a value set by hand"),
                    ("closed_stop", "a stop flag was closed"),
                    ("complaint", "a complaint"),
                    ("joint", "pain at a joint"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="walk_breaks",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
