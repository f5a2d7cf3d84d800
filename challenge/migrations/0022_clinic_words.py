"""The clinic's words by version, and pictures of its people."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0021_running_cohorts"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClinicVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("tagline", models.CharField(blank=True, max_length=120)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("address", models.CharField(blank=True, max_length=200)),
                ("hours", models.CharField(blank=True, max_length=200)),
                ("headline", models.CharField(blank=True, max_length=80)),
                ("lede", models.CharField(blank=True, max_length=400)),
                ("price_note", models.CharField(blank=True, max_length=200)),
                ("questions", models.TextField(blank=True)),
                ("consent", models.TextField(blank=True)),
                ("footer", models.CharField(blank=True, max_length=300)),
                ("author", models.CharField(max_length=120)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="clinic_version_has_a_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("jpeg", models.BinaryField()),
                (
                    "digest",
                    models.CharField(
                        help_text="In the address, which may be cached for a year.", max_length=16
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="picture",
                        to="challenge.teammember",
                    ),
                ),
            ],
        ),
        migrations.RunSQL((SQL / "clinic_versions.sql").read_text(), migrations.RunSQL.noop),
    ]
