"""What each night's and each half hour's job looks for, by index: a big table is never read from end to end for it.

Made while the old processes serve, so that nobody waits for a lock.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("usersessions", "0001_initial"),
        ("challenge", "0011_pain_of_a_set"),
    ]

    operations = [
        AddIndexConcurrently("accessentry", BrinIndex(fields=["at"], name="access_by_time")),
        AddIndexConcurrently(
            "addressstate",
            models.Index(
                fields=["email"],
                name="address_in_trouble",
                condition=Q(refused_at__isnull=False) | Q(complained_at__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "booking", models.Index(fields=["ends_at"], name="call_with_a_person", condition=~Q(email=""))
        ),
        AddIndexConcurrently("earlyaccess", models.Index(fields=["email"], name="early_access_by_email")),
        AddIndexConcurrently(
            "earlyaccess",
            models.Index(
                fields=["asked_at"], name="early_access_unconfirmed", condition=Q(confirmed_at__isnull=True)
            ),
        ),
        AddIndexConcurrently(
            "outboxmessage",
            models.Index(fields=["send_at"], name="outbox_failed", condition=Q(state="failed")),
        ),
        AddIndexConcurrently(
            "outboxmessage",
            models.Index(fields=["created_at"], name="outbox_words", condition=~Q(text="(no longer kept)")),
        ),
        AddIndexConcurrently(
            "seat",
            models.Index(
                fields=["ended_at"],
                name="seat_lapsed_with_a_name",
                condition=Q(state="ended", confirmed_at__isnull=True) & ~Q(email=""),
            ),
        ),
        AddIndexConcurrently(
            "user",
            models.Index(
                fields=["joined_at"], name="user_never_signed_in", condition=Q(last_login__isnull=True)
            ),
        ),
        # The library's own table, which its migrations leave without this index.
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS usersession_last_seen ON usersessions_usersession (last_seen_at)",
            "DROP INDEX CONCURRENTLY IF EXISTS usersession_last_seen",
        ),
    ]
