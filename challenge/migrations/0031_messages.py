"""The conversation: messages of runners, pictures, marks, drafts and templates; pictures and marks are append-only."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0030_push"),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("draft", models.TextField(blank=True)),
                ("draft_at", models.DateTimeField(blank=True, null=True)),
                ("emails_off_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="MessageMark",
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
                        choices=[("read", "read by the runner"), ("closed", "no answer needed")], max_length=6
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MessagePicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("sealed_key", models.CharField(max_length=300)),
                ("content", models.BinaryField()),
                ("width_px", models.PositiveSmallIntegerField()),
                ("height_px", models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=60)),
                ("text", models.TextField()),
            ],
        ),
        migrations.AddField(
            model_name="message",
            name="from_runner",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="message",
            name="key",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="conversation",
            name="enrollment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="conversation",
                to="challenge.enrollment",
            ),
        ),
        migrations.AddField(
            model_name="messagemark",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="messagemark",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="marks", to="challenge.message"
            ),
        ),
        migrations.AddField(
            model_name="messagepicture",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pictures", to="challenge.message"
            ),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="message_templates",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="messagemark",
            constraint=models.UniqueConstraint(fields=("message", "kind"), name="message_mark_once"),
        ),
        migrations.AddConstraint(
            model_name="messagepicture",
            constraint=models.UniqueConstraint(
                fields=("message", "place"), name="message_picture_once_in_its_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="messagepicture",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__lt", 3)), name="message_picture_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="messagetemplate",
            constraint=models.UniqueConstraint(
                fields=("user", "title"), name="message_template_once_per_title"
            ),
        ),
        migrations.RunSQL((SQL / "append_only_messages.sql").read_text(), migrations.RunSQL.noop),
    ]
