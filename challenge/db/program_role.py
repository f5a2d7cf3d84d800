"""The database role that the program runs as: it reads and writes rows, and owns nothing.

It cannot truncate, alter a table, switch a trigger off, or open an append-only history without leaving a row.
Migrations, backups and restores run as the owner; each migration grants the role of PROGRAM_DATABASE_URL its rights
again.
"""

from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import sql

# Without DELETE it could not lock the openings to seal them; their trigger refuses every deletion.
REVOKED = {"challenge_historyopening": "INSERT, UPDATE", "django_migrations": "INSERT, UPDATE, DELETE"}


def grant_program_role(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Create the program's role if it is missing, and grant it the rows of every table. Runs after each migrate.

    Nothing happens where one role does all. Raises ProgrammingError if the owner may not create roles.
    """
    role, password = settings.PROGRAM_ROLE
    if not role:
        return
    connection = connections[using]
    name = sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
            if password:
                # Hashed here, so that the server's log cannot hold it.
                hashed = connection.connection.pgconn.encrypt_password(
                    password.encode(), role.encode(), b"scram-sha-256"
                )
                cursor.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(hashed.decode()))
                )
        for grant in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
        ):
            cursor.execute(sql.SQL(grant).format(name))
        for table, rights in REVOKED.items():
            revoke = sql.SQL("REVOKE {} ON {} FROM {}")
            cursor.execute(revoke.format(sql.SQL(rights), sql.Identifier(table), name))
