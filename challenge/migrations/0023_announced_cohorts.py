"""When a cohort was announced, and which one it was copied from."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0022_clinic_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="cohort",
            name="announced_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="announced"),
        ),
        migrations.AddField(
            model_name="cohort",
            name="copied_from",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="challenge.cohort",
            ),
        ),
        migrations.RunSQL((SQL / "announced_cohorts.sql").read_text(), migrations.RunSQL.noop),
    ]
