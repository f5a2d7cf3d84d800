"""The nightly digests of the histories, and access entries that outlive the runner they were about."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0014_identity_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoryNight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed_on", models.DateField(help_text="The clinic's local day.", unique=True)),
                ("sealed_at", models.DateTimeField()),
                (
                    "tables",
                    models.JSONField(
                        help_text="For each table: its fields, range of ids, number of rows and digest."
                    ),
                ),
                ("previous", models.CharField(blank=True, max_length=64, unique=True)),
                ("head", models.CharField(max_length=64, unique=True)),
            ],
        ),
        migrations.AlterField(
            model_name="accessentry",
            name="runner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="accesses_seen",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL((SQL / "history_nights.sql").read_text(), migrations.RunSQL.noop),
    ]
