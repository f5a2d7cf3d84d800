"""Where in the Achilles tendon a complaint is, kept with each of its changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0011_erased_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="complaintchange",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[("insertional", "At the heel bone"), ("mid_portion", "Above the heel bone")],
                db_default="",
                max_length=12,
            ),
        ),
    ]
