"""Calls that a visitor has to confirm from the mailbox."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0032_message_once_per_form"),
    ]

    operations = [
        migrations.AlterField(
            model_name="callevent",
            name="happened",
            field=models.CharField(
                choices=[
                    ("booked", "booked"),
                    ("moved", "moved"),
                    ("canceled", "canceled"),
                    ("held", "held"),
                    ("no_show", "did not come"),
                    ("seat_held", "seat held"),
                    ("listed", "put on the list"),
                    ("handed", "handed over"),
                    ("squeezed", "booked outside the hours"),
                    ("corrected", "details corrected"),
                    ("resent", "link sent again"),
                    ("phoned", "caller phoned"),
                    ("followed", "followed up"),
                    ("confirmed", "confirmed by email"),
                    ("let_go", "let go: not confirmed within an hour"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="UnconfirmedCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("network", models.CharField(blank=True, max_length=45)),
                ("until", models.DateTimeField()),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unconfirmed",
                        to="challenge.booking",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["network", "until"], name="unconfirmed_by_network")],
            },
        ),
    ]
