"""The guards of a running cohort, and the two moments that they read."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0020_flag_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="cohort",
            name="over_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="over"),
        ),
        migrations.AddField(
            model_name="cohort",
            name="flags_to_clinic_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text=(
                    "When an owner confirmed that flags without a clinician go to the clinicians' shared address."
                ),
                null=True,
            ),
        ),
        migrations.RunSQL((SQL / "running_cohorts.sql").read_text(), migrations.RunSQL.noop),
    ]
