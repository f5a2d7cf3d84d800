"""A question whose report was corrected or taken out of the log closes by itself, with a note."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0038_plain_labels"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="flag",
            name="flag_is_answered_or_replaced",
        ),
        migrations.AlterField(
            model_name="flag",
            name="answered_with",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The decision that closed it, e.g. phase:12, or the corrected entry, e.g. corrected:run:12.",
                max_length=40,
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("kind", "silence"),
                    models.Q(("replaced_by__isnull", False), models.Q(("kind", "stop"), _negated=True)),
                    models.Q(
                        ("answered_with__startswith", "corrected:"),
                        models.Q(("closing_note", ""), _negated=True),
                        models.Q(("kind", "stop"), _negated=True),
                    ),
                    models.Q(("closed_by__isnull", False), models.Q(("closing_note", ""), _negated=True)),
                    _connector="OR",
                ),
                name="flag_is_answered_or_replaced",
            ),
        ),
    ]
