"""The list of erased accounts, append-only."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("challenge", "0010_desk")]

    operations = [
        migrations.CreateModel(
            name="ErasedAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account", models.PositiveBigIntegerField(unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL((SQL / "erased_accounts.sql").read_text(), migrations.RunSQL.noop),
    ]
