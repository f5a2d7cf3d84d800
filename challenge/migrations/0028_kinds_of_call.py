"""Hours, place and question of each kind of call, and check-ins that clinicians offer."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0027_role_grants"),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckInOffer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("on", models.DateField(help_text="The clinician's day: pressed twice is one offer.")),
            ],
        ),
        migrations.AddField(
            model_name="availability",
            name="place",
            field=models.CharField(
                choices=[("phone", "on the phone"), ("video", "on video, at the link below")],
                db_default="phone",
                default="phone",
                max_length=10,
                verbose_name="where",
            ),
        ),
        migrations.AddField(
            model_name="availability",
            name="question",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The caller answers when they book; only you read the answer.",
                max_length=200,
                verbose_name="what you ask beforehand",
            ),
        ),
        migrations.AddField(
            model_name="availability",
            name="video_link",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="your video link"
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="question",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What the clinician asked beforehand.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="checkinterms",
            name="has_own_hours",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Without, they are taken in the hours of all your calls.",
                verbose_name="check-ins have weekly hours of their own",
            ),
        ),
        migrations.AddField(
            model_name="hours",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[("discovery", "discovery call"), ("check_in", "check-in call")],
                db_default="",
                default="",
                help_text="The kind of call with hours of its own; empty for all that have none.",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("email", ""), models.Q(("name", ""), _negated=True)),
                fields=["ends_at"],
                name="call_of_a_caller_unmailed",
            ),
        ),
        migrations.AddConstraint(
            model_name="hours",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", ""), ("on__isnull", True), _connector="OR"),
                name="hours_of_a_date_are_of_all_kinds",
            ),
        ),
        migrations.AddField(
            model_name="checkinoffer",
            name="enrollment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="check_in_offers",
                to="challenge.enrollment",
            ),
        ),
        migrations.AddField(
            model_name="checkinoffer",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="checkinoffer",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "staff", "on"), name="check_in_offered_once_a_day"
            ),
        ),
    ]
