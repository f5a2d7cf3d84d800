"""The secret address of a runner's plan as a calendar."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0025_notice_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_sha256", models.CharField(max_length=64, unique=True)),
                ("sealed_key", models.TextField()),
                ("shows_number", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "enrollment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_feed",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
    ]
