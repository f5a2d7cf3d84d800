"""Histories are opened by a function that leaves a row, and no longer by a setting that anybody may set."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0028_kinds_of_call"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoryOpening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("why", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("xact", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("xact__isnull", False)),
                        fields=["xact"],
                        name="history_opening_now",
                    )
                ],
            },
        ),
        migrations.RunSQL((SQL / "history_openings.sql").read_text(), migrations.RunSQL.noop),
    ]
