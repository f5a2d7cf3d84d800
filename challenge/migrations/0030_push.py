"""Pushes in the outbox, the devices that take them, and what a runner wants to be reminded of."""

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0029_history_openings"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("owner", models.CharField(db_index=True, max_length=80)),
                ("endpoint_sha256", models.CharField(max_length=64, unique=True)),
                ("sealed", models.TextField()),
                ("device", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                ("last_success_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "push addresses",
            },
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="kind",
            field=models.CharField(
                choices=[
                    ("security", "signing in"),
                    ("welcome", "welcome"),
                    ("weekly", "weekly targets"),
                    ("before_start", "the week before the start"),
                    ("early_access", "early access"),
                    ("invitation", "invitation"),
                    ("seat", "seat"),
                    ("phase", "phase decision"),
                    ("staff_alert", "alert to staff"),
                    ("digest", "clinicians' morning digest"),
                    ("reminder", "reminder"),
                    ("survey", "end survey"),
                    ("call", "discovery call"),
                    ("message", "message from the clinic"),
                    ("push", "notification on a device"),
                    ("test", "test to oneself"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="push_address",
            field=models.ForeignKey(
                blank=True,
                help_text="Of a push.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="challenge.pushaddress",
            ),
        ),
        migrations.CreateModel(
            name="ReminderChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("strength", models.BooleanField(default=True)),
                ("strength_at", models.TimeField(default=datetime.time(17, 0))),
                ("morning", models.BooleanField(default=True)),
                ("morning_at", models.TimeField(default=datetime.time(7, 30))),
                ("message", models.BooleanField(default=True)),
                ("quiet_from", models.TimeField(default=datetime.time(21, 0))),
                ("quiet_until", models.TimeField(default=datetime.time(7, 0))),
                ("knows_home_screen", models.BooleanField(default=False)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminder_choice",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quiet_from", models.F("quiet_until")), _negated=True),
                        name="reminder_quiet_hours_have_two_ends",
                    )
                ],
            },
        ),
    ]
