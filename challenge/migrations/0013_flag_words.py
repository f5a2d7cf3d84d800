"""The name of the question about a raised cadence holds no number: a cohort may have another one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0012_run_walk_breaks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="flag",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stop", "stop"),
                    ("ask", "ask"),
                    ("complaint", "complaint?"),
                    ("red", "red pain"),
                    ("worse_week", "worse week"),
                    ("load", "load warning"),
                    ("silence", "silence"),
                    ("stuck", "stuck cadence"),
                    ("review", "well above baseline"),
                    ("mail", "email failing"),
                    ("question", "question"),
                ],
                max_length=12,
            ),
        ),
    ]
