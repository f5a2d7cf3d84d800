"""Questionnaires, their answers and drafts; answers and loaded versions are append-only."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0015_history_nights"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=31)),
                ("version", models.PositiveSmallIntegerField()),
                ("week", models.PositiveSmallIntegerField()),
                ("typed", models.JSONField(blank=True, default=dict)),
                ("at", models.DateTimeField()),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenge.enrollment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enrollment", "code", "week"), name="answer_draft_once_per_week"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LoadedQuestionnaire",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=31)),
                ("version", models.PositiveSmallIntegerField()),
                ("definition", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "version"), name="questionnaire_once_per_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="questionnaire_version_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QuestionnaireAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField()),
                ("code", models.CharField(max_length=31)),
                ("version", models.PositiveSmallIntegerField()),
                ("week", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("values", models.JSONField(blank=True, default=dict)),
                ("names", models.JSONField(blank=True, default=dict)),
                ("score", models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True)),
                ("answered_on", models.DateField()),
                ("on_paper", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="challenge.questionnaireanswer",
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questionnaire_answers",
                        to="challenge.enrollment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enrollment", "key"), name="questionnaire_answer_once_per_form"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("corrects__isnull", True)),
                        fields=("enrollment", "code", "week"),
                        name="questionnaire_answer_once_per_week",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="questionnaire_answer_version_from_one"
                    ),
                ],
            },
        ),
        migrations.RunSQL((SQL / "append_only_questionnaires.sql").read_text(), migrations.RunSQL.noop),
    ]
