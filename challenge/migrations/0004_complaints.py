"""The living record of complaints, what clinicians change in a program, and the numbers of a cohort."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import challenge.protocol.vocabulary

SQL = Path(__file__).resolve().parent.parent / "sql"


def open_from_intakes(apps, schema_editor):  # type: ignore[no-untyped-def]
    """Open the complaints that intakes answered before there was a record of them."""
    answers, record = apps.get_model("challenge", "Complaint"), apps.get_model("challenge", "RunnerComplaint")
    changes = apps.get_model("challenge", "ComplaintChange")
    for answer in answers.objects.select_related("intake").order_by("pk").iterator():
        intake, status = answer.intake, "present" if answer.present else "past"
        row, new = record.objects.get_or_create(
            enrollment_id=intake.enrollment_id,
            site=answer.site,
            # The lower back has no side, and older answers may name one.
            side="" if answer.site == "lower_back" else answer.side,
            defaults={
                "status": status,
                "opened_on": intake.answered_on,
                "changed_on": intake.answered_on,
                "changed_at": intake.answered_at,
            },
        )
        if new:
            changes.objects.create(
                complaint=row, status=status, source="intake", on=intake.answered_on, at=intake.answered_at
            )


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0003_track_exercises"),
    ]

    operations = [
        migrations.CreateModel(
            name="CohortParameters",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=20)),
                ("numbers", models.JSONField(help_text="Every number of the method by its name.")),
                (
                    "altered",
                    models.JSONField(blank=True, default=dict, help_text="What this row changed, by name."),
                ),
                (
                    "from_week_on",
                    models.DateField(help_text="The runners' local Monday from which it is in force."),
                ),
                ("reason", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "cohort parameters",
            },
        ),
        migrations.CreateModel(
            name="ComplaintChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("present", "Present"), ("settling", "Settling"), ("past", "Past")],
                        max_length=10,
                    ),
                ),
                ("track_approved", models.BooleanField(default=False)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("intake", "the intake"),
                            ("clinician", "a clinician"),
                            ("log", "a proposal of the log"),
                            ("runner", "what the runner wrote"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("on", models.DateField(help_text="The runner's local day.")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DismissedProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "site",
                    models.CharField(
                        choices=[
                            ("achilles", "Achilles tendon"),
                            ("calf", "Calf"),
                            ("inner_shin", "Inner side of the shin"),
                            ("front_shin", "Front of the shin"),
                            ("foot", "Foot"),
                            ("ankle", "Ankle"),
                            ("knee", "Knee"),
                            ("thigh", "Thigh"),
                            ("hip", "Hip"),
                            ("lower_back", "Lower back"),
                            ("other", "Somewhere else"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[("left", "Left"), ("right", "Right"), ("both", "Both")],
                        max_length=6,
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RunnerComplaint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "site",
                    models.CharField(
                        choices=[
                            ("achilles", "Achilles tendon"),
                            ("calf", "Calf"),
                            ("inner_shin", "Inner side of the shin"),
                            ("front_shin", "Front of the shin"),
                            ("foot", "Foot"),
                            ("ankle", "Ankle"),
                            ("knee", "Knee"),
                            ("thigh", "Thigh"),
                            ("hip", "Hip"),
                            ("lower_back", "Lower back"),
                            ("other", "Somewhere else"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[("left", "Left"), ("right", "Right"), ("both", "Both")],
                        max_length=6,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[("insertional", "At the heel bone"), ("mid_portion", "Above the heel bone")],
                        max_length=12,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("present", "Present"), ("settling", "Settling"), ("past", "Past")],
                        max_length=10,
                    ),
                ),
                ("track_approved", models.BooleanField(default=False)),
                ("opened_on", models.DateField(help_text="The runner's local day.")),
                ("changed_on", models.DateField(help_text="The runner's local day of the last change.")),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="clinicianoverride",
            name="replacement",
            field=models.CharField(blank=True, db_default="", max_length=60),
        ),
        migrations.AddField(
            model_name="complaint",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[("insertional", "At the heel bone"), ("mid_portion", "Above the heel bone")],
                db_default="",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="intake",
            name="tendon_history",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("rupture", "A rupture or a tear of this tendon"),
                        ("injection", "An injection into or beside this tendon"),
                        (
                            "fluoroquinolones",
                            "An antibiotic ending in -floxacin (such as Cipro or Levaquin) in the last six months",
                        ),
                        (
                            "steroids",
                            "Steroids, such as prednisone or a cortisone shot, in the last six months",
                        ),
                    ],
                    max_length=16,
                ),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="clinicianoverride",
            name="what",
            field=models.CharField(
                choices=[
                    ("cadence", "cadence"),
                    ("dose", "dose"),
                    ("approval", "approved exercise"),
                    ("long_run", "long run that counts"),
                    ("add", "added exercise"),
                    ("leave_out", "exercise left out"),
                    ("swap", "swapped exercise"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="flag",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stop", "stop"),
                    ("ask", "ask"),
                    ("complaint", "complaint?"),
                    ("red", "red pain"),
                    ("worse_week", "worse week"),
                    ("load", "load warning"),
                    ("silence", "silence"),
                    ("stuck", "stuck cadence"),
                    ("review", "10% over baseline"),
                    ("mail", "email failing"),
                    ("question", "question"),
                ],
                max_length=12,
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
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicianoverride",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("what", "swap"),
                        models.Q(("replacement", ""), _negated=True),
                        models.Q(("replacement", models.F("exercise")), _negated=True),
                    ),
                    models.Q(models.Q(("what", "swap"), _negated=True), ("replacement", "")),
                    _connector="OR",
                ),
                name="hand_set_swap_has_both_exercises",
            ),
        ),
        migrations.AddField(
            model_name="cohortparameters",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cohortparameters",
            name="cohort",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="parameters", to="challenge.cohort"
            ),
        ),
        migrations.AddField(
            model_name="complaintchange",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="dismissedproposal",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="dismissedproposal",
            name="enrollment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dismissed_proposals",
                to="challenge.enrollment",
            ),
        ),
        migrations.AddField(
            model_name="runnercomplaint",
            name="enrollment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="challenge.enrollment",
            ),
        ),
        migrations.AddField(
            model_name="complaintchange",
            name="complaint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="challenge.runnercomplaint",
            ),
        ),
        migrations.AddConstraint(
            model_name="cohortparameters",
            constraint=models.UniqueConstraint(
                fields=("cohort", "version"), name="cohort_parameters_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="cohortparameters",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_week_on__iso_week_day", 1)), name="cohort_parameters_from_a_monday"
            ),
        ),
        migrations.AddConstraint(
            model_name="cohortparameters",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("altered", {}), ("by__isnull", True)),
                    models.Q(("by__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="cohort_parameters_has_who_and_why",
            ),
        ),
        migrations.AddIndex(
            model_name="dismissedproposal",
            index=models.Index(fields=["enrollment", "-at"], name="dismissed_proposal_by_runner"),
        ),
        migrations.AddConstraint(
            model_name="dismissedproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="dismissed_proposal_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="runnercomplaint",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "site", "side"), name="runner_complaint_once_per_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="runnercomplaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("site__in", (challenge.protocol.vocabulary.Site["LOWER_BACK"],)), _negated=True
                    ),
                    ("side", ""),
                    _connector="OR",
                ),
                name="runner_complaint_side_fits_its_site",
            ),
        ),
        migrations.AddConstraint(
            model_name="runnercomplaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", ""), ("site", challenge.protocol.vocabulary.Site["ACHILLES"]), _connector="OR"
                ),
                name="runner_complaint_kind_fits_its_site",
            ),
        ),
        migrations.AddConstraint(
            model_name="runnercomplaint",
            constraint=models.CheckConstraint(
                condition=models.Q(("changed_on__gte", models.F("opened_on"))),
                name="runner_complaint_changes_after_it_opens",
            ),
        ),
        migrations.AddIndex(
            model_name="complaintchange",
            index=models.Index(fields=["complaint", "-at"], name="complaint_change_by_complaint"),
        ),
        migrations.AddConstraint(
            model_name="complaintchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source", "intake"),
                    models.Q(("by__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="complaint_change_has_who_and_why",
            ),
        ),
        migrations.RunPython(open_from_intakes, migrations.RunPython.noop),
        migrations.RunSQL((SQL / "append_only_complaints.sql").read_text()),
    ]
