"""Who signed in, and who changed how: append-only."""

from pathlib import Path

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0013_flag_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign_in", "signed in"),
                            ("refused", "sign-in refused"),
                            ("code", "code sent"),
                            ("session", "devices signed out"),
                            ("address", "email address"),
                            ("password", "password"),
                            ("factor", "second factor"),
                            ("recovery", "recovery codes"),
                            ("passkey", "passkey"),
                            ("role", "role"),
                            ("activation", "account opened or closed"),
                            ("merge", "accounts merged"),
                            ("export", "data exported"),
                            ("erasure", "account erased"),
                            ("restore", "restored from a backup"),
                            ("not_me", "“this was not me”"),
                            ("cleared", "cleared after a talk"),
                        ],
                        max_length=12,
                    ),
                ),
                ("what", models.CharField(max_length=40)),
                ("means", models.CharField(blank=True, max_length=40)),
                ("network", models.CharField(blank=True, max_length=45)),
                ("device", models.CharField(blank=True, max_length=60)),
                ("about", models.PositiveBigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="identity_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "-at"], name="identity_by_account"),
                    django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="identity_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "not_me")),
                        fields=("about",),
                        name="identity_one_report_per_event",
                    )
                ],
            },
        ),
        migrations.RunSQL((SQL / "append_only_identity.sql").read_text(), migrations.RunSQL.noop),
    ]
