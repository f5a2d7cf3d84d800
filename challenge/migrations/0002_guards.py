"""The promises that Django's models cannot state: triggers, the composite key and the exclusion constraint of seats.

The SQL is in `challenge/sql/`, one file for each subject. Once this has run anywhere, a change is a new file and a new
migration: these files are never edited.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
# In this order: every guard refuses through `challenge_refuse`.
GUARDS = ("refuse", "cohorts", "seats", "last_owner", "append_only", "session_index")


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0001_schema"),
        ("usersessions", "0001_initial"),
    ]

    operations = [migrations.RunSQL((SQL / f"{name}.sql").read_text()) for name in GUARDS]
