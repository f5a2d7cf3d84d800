"""A flag records what answered it: the decision, the newer question, or what a stop form asks; a pause may be undone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0019_factor_resets"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="flag",
            name="flag_is_closed_by_a_person_with_a_note",
        ),
        migrations.AddField(
            model_name="flag",
            name="answered_with",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The decision that closed it, e.g. phase:12.",
                max_length=40,
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="found",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no_injury", "Nothing that stops running"),
                    ("tendon", "Tendon, intact and sore"),
                    ("muscle", "Muscle strain"),
                    ("bone_stress", "Bone stress suspected or confirmed"),
                    ("sore_joint", "Joint"),
                    ("vessel", "Clot or swelling, referred and cleared"),
                    ("elsewhere", "Cared for elsewhere"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="holds_now",
            field=models.CharField(
                blank=True,
                choices=[
                    ("runs_by_plan", "Runs again, by the plan"),
                    ("runs_short", "Runs again, short and easy at first"),
                    ("no_running", "No running yet: paused"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced",
                to="challenge.flag",
            ),
        ),
        migrations.AddField(
            model_name="phasechange",
            name="undoes",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="challenge.phasechange",
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="undone_at",
            field=models.DateTimeField(
                blank=True, help_text="Taken back at once: it covers no day.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="weeklytarget",
            name="because",
            field=models.CharField(
                choices=[
                    ("monday", "the week began"),
                    ("joined", "joined in the first week"),
                    ("stop", "a stop flag"),
                    ("pause", "a pause"),
                    ("phase", "a phase decision"),
                    ("by_hand", "a value set by hand"),
                    ("closed_stop", "a stop flag was closed"),
                    ("complaint", "a complaint"),
                    ("test", "a function test"),
                    ("undone", "a decision was taken back"),
                    ("joint", "pain at a joint"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("kind", "silence"),
                    models.Q(("replaced_by__isnull", False), models.Q(("kind", "stop"), _negated=True)),
                    models.Q(("closed_by__isnull", False), models.Q(("closing_note", ""), _negated=True)),
                    _connector="OR",
                ),
                name="flag_is_answered_or_replaced",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(("undone_at__isnull", True), ("ended_at__isnull", False), _connector="OR"),
                name="pause_undone_is_ended",
            ),
        ),
    ]
