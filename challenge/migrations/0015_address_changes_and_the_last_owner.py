"""Changes of address that wait, and the last active owner, who stays active and owner.

The owner's refusals are SQLSTATE 23514 under the name `last_owner_stays`, as those of 0002.
"""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

# Runs after each statement that may end somebody's being an active owner. The lock on the role's row lets two
# statements of two transactions judge one after the other: else each would count the other's owner as staying.
LAST_OWNER = """
CREATE FUNCTION challenge_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was_owner boolean;
BEGIN
    IF TG_TABLE_NAME = 'auth_group' THEN
        was_owner := EXISTS (
            SELECT 1 FROM challenge_user u JOIN challenge_user_groups m ON m.user_id = u.id
            WHERE m.group_id = OLD.id AND u.is_active AND u.is_staff
        );
    ELSIF TG_TABLE_NAME = 'challenge_user_groups' THEN
        was_owner := EXISTS (SELECT 1 FROM auth_group WHERE id = OLD.group_id AND name = 'owner')
            AND EXISTS (SELECT 1 FROM challenge_user WHERE id = OLD.user_id AND is_active AND is_staff);
    ELSE
        was_owner := EXISTS (
            SELECT 1 FROM challenge_user_groups m JOIN auth_group g ON g.id = m.group_id
            WHERE m.user_id = OLD.id AND g.name = 'owner'
        );
    END IF;
    IF NOT was_owner THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM auth_group WHERE name = 'owner' FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT 1 FROM challenge_user u
        JOIN challenge_user_groups m ON m.user_id = u.id JOIN auth_group g ON g.id = m.group_id
        WHERE g.name = 'owner' AND u.is_active AND u.is_staff
    ) THEN
        PERFORM challenge_refuse('last_owner_stays', 'The last active owner stays active and owner.');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER last_owner_active AFTER UPDATE OF is_active, is_staff ON challenge_user FOR EACH ROW
    WHEN (OLD.is_active AND OLD.is_staff AND NOT (NEW.is_active AND NEW.is_staff))
    EXECUTE FUNCTION challenge_last_owner();
CREATE TRIGGER last_owner_deleted AFTER DELETE ON challenge_user FOR EACH ROW
    WHEN (OLD.is_active AND OLD.is_staff) EXECUTE FUNCTION challenge_last_owner();
CREATE TRIGGER last_owner_role AFTER UPDATE OR DELETE ON challenge_user_groups
    FOR EACH ROW EXECUTE FUNCTION challenge_last_owner();
CREATE TRIGGER last_owner_role_name AFTER UPDATE OF name ON auth_group FOR EACH ROW
    WHEN (OLD.name = 'owner' AND NEW.name <> 'owner') EXECUTE FUNCTION challenge_last_owner();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0018_joints_and_long_runs"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ledgerentry",
            name="happened",
            field=models.CharField(
                choices=[
                    ("held", "held"),
                    ("expired", "hold ran out"),
                    ("released", "given back"),
                    ("confirmed", "confirmed"),
                    ("refused", "refused"),
                    ("withdrew", "withdrew"),
                    ("corrected", "address corrected"),
                    ("asked", "change of address asked for"),
                    ("kept", "change of address stopped"),
                    ("closed", "enrollment closed"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("old_email", models.EmailField(max_length=254)),
                ("new_email", models.EmailField(max_length=254)),
                (
                    "old_is_proven",
                    models.BooleanField(
                        help_text="Somebody had confirmed the old address. Only then it signs in while the change waits."
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("effective_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("objected_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="address_changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("applied_at__isnull", True), ("cancelled_at__isnull", True)),
                        fields=["effective_at"],
                        name="address_change_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("applied_at__isnull", True), ("cancelled_at__isnull", True)),
                        fields=("user",),
                        name="address_change_one_waiting",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("applied_at__isnull", True), ("cancelled_at__isnull", True)),
                        fields=("new_email",),
                        name="address_change_one_per_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("new_email", django.db.models.functions.text.Lower("new_email")),
                            ("old_email", django.db.models.functions.text.Lower("old_email")),
                        ),
                        name="address_change_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied_at__isnull", True), ("cancelled_at__isnull", True), _connector="OR"
                        ),
                        name="address_change_applied_or_cancelled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("effective_at__gte", models.F("asked_at"))),
                        name="address_change_not_before_it_is_asked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                        name="address_change_confirmed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied_at__isnull", True),
                            ("applied_at__gte", models.F("effective_at")),
                            ("confirmed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="address_change_waits_its_time",
                    ),
                ],
            },
        ),
        migrations.RunSQL(LAST_OWNER, "DROP FUNCTION challenge_last_owner() CASCADE;"),
    ]
