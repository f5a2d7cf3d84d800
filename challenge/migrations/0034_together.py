"""Twenty together: places on the wall, nods, and the clinic's note of the week, which is append-only."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0033_unconfirmed_calls"),
    ]

    operations = [
        migrations.CreateModel(
            name="WallPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shows_name", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "enrollment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wall_place",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CohortNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week_starts_on", models.DateField()),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="challenge.cohort"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cohort", "week_starts_on"), name="cohort_note_once_a_week"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Nod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week_starts_on", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenge.enrollment",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenge.enrollment",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["receiver", "week_starts_on"], name="nod_received")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("giver", "receiver", "week_starts_on"), name="nod_once_a_week"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("giver", models.F("receiver")), _negated=True),
                        name="nod_to_another",
                    ),
                ],
            },
        ),
        migrations.RunSQL((SQL / "append_only_cohort_notes.sql").read_text(), migrations.RunSQL.noop),
    ]
