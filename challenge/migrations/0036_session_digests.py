"""Sign everybody out once: sessions are stored under a digest of their cookie from now on.

Rows are not converted, because backups of the past hold the cookies of open sessions as they are.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0035_message_writers"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            "DELETE FROM usersessions_usersession; DELETE FROM django_session;", migrations.RunSQL.noop
        ),
    ]
