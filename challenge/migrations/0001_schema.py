"""Every table, as Django generates it from the models. The rest of the promises is in `0002_guards`."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import challenge.accounts.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        # Exclusion constraints compare ids as well as ranges.
        django.contrib.postgres.operations.BtreeGistExtension(),
        migrations.CreateModel(
            name="Enrollment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "email_content",
                    models.CharField(
                        choices=[("targets", "targets in the email"), ("link", "only a link")],
                        default="targets",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="email address")),
                ("name", models.CharField(blank=True, max_length=120)),
                ("phone", models.CharField(blank=True, max_length=40)),
                (
                    "time_zone",
                    models.CharField(
                        default=challenge.accounts.models.clinic_time_zone,
                        max_length=64,
                        validators=[challenge.accounts.models.validate_time_zone],
                    ),
                ),
                (
                    "uses_kilometers",
                    models.BooleanField(default=False, verbose_name="distances in kilometers"),
                ),
                ("is_staff", models.BooleanField(default=False, verbose_name="may open the admin")),
                ("is_active", models.BooleanField(default=True)),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccessEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "runner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accesses_seen",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "viewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses_made",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "access entries",
            },
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
                        help_text="The old address was confirmed. Only then it signs in while the change waits."
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("effective_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("canceled_at", models.DateTimeField(null=True)),
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
        ),
        migrations.CreateModel(
            name="AddressState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("weekly_unsubscribed_at", models.DateTimeField(blank=True, null=True)),
                ("refused_at", models.DateTimeField(blank=True, null=True)),
                ("complained_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("refused_at__isnull", False), ("complained_at__isnull", False), _connector="OR"
                        ),
                        fields=["email"],
                        name="address_in_trouble",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="address_is_lower_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Availability",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("takes_calls", models.BooleanField(default=True, verbose_name="can be booked")),
                (
                    "time_zone",
                    models.CharField(
                        default=challenge.accounts.models.clinic_time_zone,
                        help_text="The hours below are local times of this zone, summer and winter.",
                        max_length=64,
                        validators=[challenge.accounts.models.validate_time_zone],
                    ),
                ),
                (
                    "length_min",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(120),
                        ],
                        verbose_name="length of a call, minutes",
                    ),
                ),
                (
                    "step_min",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(240),
                        ],
                        verbose_name="a call may begin every, minutes",
                    ),
                ),
                (
                    "buffer_before_min",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(120)],
                        verbose_name="kept free before, minutes",
                    ),
                ),
                (
                    "buffer_after_min",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[django.core.validators.MaxValueValidator(120)],
                        verbose_name="kept free after, minutes",
                    ),
                ),
                (
                    "notice_min",
                    models.PositiveIntegerField(
                        default=720,
                        help_text="Visitors book no later than this before a call; staff may.",
                        validators=[django.core.validators.MaxValueValidator(20160)],
                        verbose_name="shortest notice, minutes",
                    ),
                ),
                (
                    "horizon_days",
                    models.PositiveSmallIntegerField(
                        default=28,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(120),
                        ],
                        verbose_name="bookable ahead, days",
                    ),
                ),
                (
                    "calls_a_day",
                    models.PositiveSmallIntegerField(
                        default=6,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(40),
                        ],
                        verbose_name="calls a day at most",
                    ),
                ),
                ("feed_key", models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                (
                    "staff",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="availability",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "availability",
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("busy", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("booked", "booked"),
                            ("held", "held"),
                            ("no_show", "no-show"),
                            ("canceled", "canceled"),
                        ],
                        default="booked",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=40)),
                (
                    "site",
                    models.CharField(
                        blank=True,
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
                        max_length=20,
                        verbose_name="what hurts",
                    ),
                ),
                (
                    "heard",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("friend", "A friend or running partner"),
                            ("clinic", "At the clinic"),
                            ("search", "A web search"),
                            ("social", "Social media"),
                            ("race", "A race or running club"),
                            ("other", "Somewhere else"),
                        ],
                        max_length=10,
                        verbose_name="heard of us",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        max_length=64, validators=[challenge.accounts.models.validate_time_zone]
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("sequence", models.PositiveIntegerField(default=0)),
                (
                    "form_key",
                    models.UUIDField(
                        blank=True,
                        editable=False,
                        help_text="The form that booked it: pressed twice is once.",
                        null=True,
                        unique=True,
                    ),
                ),
                ("booked_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(help_text="When it was booked or last moved.")),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, help_text="When it was canceled or its outcome noted.", null=True
                    ),
                ),
                (
                    "canceled_by",
                    models.CharField(
                        blank=True,
                        choices=[("prospect", "the caller"), ("clinic", "the clinic")],
                        max_length=10,
                    ),
                ),
                ("notes", models.TextField(blank=True)),
                ("follow_up_on", models.DateField(blank=True, null=True)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "call",
            },
        ),
        migrations.CreateModel(
            name="CallEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "happened",
                    models.CharField(
                        choices=[
                            ("booked", "booked"),
                            ("moved", "moved"),
                            ("canceled", "canceled"),
                            ("held", "held"),
                            ("no_show", "did not come"),
                            ("seat_held", "seat held"),
                            ("listed", "put on the list"),
                        ],
                        max_length=10,
                    ),
                ),
                ("starts_at", models.DateTimeField(help_text="The call's start after this.")),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="challenge.booking",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Cohort",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("capacity", models.PositiveSmallIntegerField(default=20)),
                (
                    "early_access_at",
                    models.DateTimeField(
                        blank=True, help_text="From when invited people may claim.", null=True
                    ),
                ),
                ("opens_at", models.DateTimeField(help_text="From when the public may claim.")),
                ("starts_on", models.DateField(help_text="A Monday.")),
                ("weeks", models.PositiveSmallIntegerField(default=12)),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "begun_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="begun"),
                ),
                (
                    "is_public",
                    models.BooleanField(
                        default=True, help_text="Shown on the first page; the next to open is shown."
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("id", "capacity"), name="cohort_id_capacity"),
                    models.CheckConstraint(
                        condition=models.Q(("capacity__gte", 1), ("capacity__lte", 1000)),
                        name="cohort_capacity_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weeks__gte", 1), ("weeks__lte", 52)),
                        name="cohort_weeks_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("starts_on__iso_week_day", 1)), name="cohort_starts_on_a_monday"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("early_access_at__isnull", True),
                            ("early_access_at__lte", models.F("opens_at")),
                            _connector="OR",
                        ),
                        name="cohort_early_access_first",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CohortClinician",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clinicians",
                        to="challenge.cohort",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cohorts_cared_for",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("answers", models.JSONField(blank=True, default=dict)),
                ("saved_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="intake_draft",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EarlyAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "which",
                    models.CharField(
                        choices=[("early", "early access"), ("launch", "public launch")], max_length=10
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("asked_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("invited_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cohort",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="early_access",
                        to="challenge.cohort",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "early access",
            },
        ),
        migrations.CreateModel(
            name="EndFeedback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recommend", models.PositiveSmallIntegerField()),
                (
                    "cadence",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Hard work"), (2, "So-so"), (3, "Fine"), (4, "Easy")],
                        null=True,
                    ),
                ),
                (
                    "strength",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Hard work"), (2, "So-so"), (3, "Fine"), (4, "Easy")],
                        null=True,
                    ),
                ),
                (
                    "log",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Hard work"), (2, "So-so"), (3, "Fine"), (4, "Easy")],
                        null=True,
                    ),
                ),
                ("worked", models.TextField(blank=True)),
                ("did_not", models.TextField(blank=True)),
                ("change_first", models.TextField(blank=True)),
                ("may_quote", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="end_feedback",
                        to="challenge.enrollment",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "end feedback",
            },
        ),
        migrations.CreateModel(
            name="DailyLife",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("logged_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("week_starts_on", models.DateField(help_text="The runner's local Monday.")),
                ("local_on", models.DateField()),
                ("pain", models.PositiveSmallIntegerField()),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenge.enrollment",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "daily life",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("called", "called"),
                            ("not_reached", "called, not reached"),
                            ("wrote", "wrote"),
                            ("met", "met"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClinicianOverride",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("cadence", "cadence"),
                            ("dose", "dose"),
                            ("approval", "approved exercise"),
                            ("long_run", "long run that counts"),
                        ],
                        max_length=10,
                    ),
                ),
                ("exercise", models.CharField(blank=True, max_length=60)),
                ("cadence_spm", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("dose", models.JSONField(blank=True, null=True)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="override",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EntryRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("run", "run"),
                            ("strength", "strength session"),
                            ("morning", "morning"),
                            ("daily_life", "pain in daily life"),
                            ("nothing", "nothing this week"),
                        ],
                        max_length=10,
                    ),
                ),
                ("entry_id", models.BigIntegerField()),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "change",
                    models.CharField(
                        choices=[("logged", "logged"), ("changed", "changed"), ("deleted", "deleted")],
                        max_length=8,
                    ),
                ),
                ("values", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entry_revisions",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExerciseVideo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "exercise",
                    models.CharField(
                        choices=[
                            ("isometric_calf_hold", "Standing calf hold"),
                            ("isometric_soleus_hold", "Seated calf hold"),
                            ("short_range_calf_raise", "Calf raise in shortened range"),
                            ("arch_raise", "Arch raise, front to back"),
                            ("heavy_calf_raise", "Heavy slow calf raise"),
                            ("heavy_seated_calf_raise", "Heavy slow seated calf raise"),
                            ("split_squat_calf_raise", "Split squat calf raise"),
                            ("toes_in_calf_raise", "Eccentric calf raise, toes angled in"),
                            ("pogo_hops", "Pogo hops on two feet"),
                            ("single_leg_hops", "Hops on one leg"),
                            ("skipping", "Running skips"),
                            ("cadence_drill", "Cadence drill with the metronome"),
                            ("midfoot_strides", "Midfoot strides"),
                        ],
                        max_length=40,
                        unique=True,
                    ),
                ),
                (
                    "link",
                    models.URLField(help_text="Begins with https://. One film an exercise.", max_length=300),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("link__startswith", "https://")),
                        name="exercise_video_is_https",
                        violation_error_message="Write the whole address, beginning with https://.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Flag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("stop", "stop"),
                            ("ask", "ask"),
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
                ("rule", models.CharField(help_text="The rule of the method that raised it.", max_length=40)),
                ("facts", models.JSONField(blank=True, default=dict)),
                (
                    "source",
                    models.CharField(
                        help_text="What it came from, e.g. run:12; once per source and rule.", max_length=80
                    ),
                ),
                ("raised_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closing_note", models.TextField(blank=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flags",
                        to="challenge.enrollment",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FunctionTest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("heel_raise", "Heel raise"), ("hop", "Hop")], max_length=12),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("left", "Left"), ("right", "Right"), ("both", "Both")], max_length=6
                    ),
                ),
                ("repetitions", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("pain", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("not_tested_because", models.TextField(blank=True)),
                ("note", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="function_tests",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HeelStrikePeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField()),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("ended_on", models.DateField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="strike_spells",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Hours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        null=True,
                    ),
                ),
                ("on", models.DateField(blank=True, null=True)),
                ("starts", models.TimeField(blank=True, null=True)),
                ("ends", models.TimeField(blank=True, null=True)),
                (
                    "availability",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="challenge.availability",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "hours",
            },
        ),
        migrations.CreateModel(
            name="ImportJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("batch", models.UUIDField()),
                ("number", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("size_bytes", models.PositiveIntegerField()),
                ("content", models.BinaryField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("reading", "being read"), ("read", "read")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("reading", models.JSONField(blank=True, null=True)),
                ("uploaded_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_jobs",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Intake",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("answered_at", models.DateTimeField()),
                ("answered_on", models.DateField(help_text="The runner's local day.")),
                ("is_adult", models.BooleanField(verbose_name="is 18 or over")),
                ("runs_per_week", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("usual_week_m", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "longest_run_m",
                    models.PositiveIntegerField(
                        blank=True, help_text="The longest run of the last 30 days.", null=True
                    ),
                ),
                ("training_block_started_on", models.DateField(blank=True, null=True)),
                ("used_to_hills", models.BooleanField(default=False)),
                ("used_to_tempo", models.BooleanField(default=False)),
                ("event", models.CharField(blank=True, max_length=120)),
                ("event_on", models.DateField(blank=True, null=True)),
                ("baseline_cadence_spm", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "baseline_cadence_source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("file", "From the activity file"),
                            ("watch", "The watch's average"),
                            ("counted", "Counted during the run"),
                            ("tapped", "Tapped during the run"),
                            ("metronome", "With the metronome, most of the run"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "strike",
                    models.CharField(
                        blank=True,
                        choices=[("heel", "Heel"), ("midfoot", "Midfoot"), ("forefoot", "Forefoot")],
                        max_length=10,
                    ),
                ),
                (
                    "surface",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("road", "Road"),
                            ("trail", "Trail"),
                            ("track", "Track"),
                            ("treadmill", "Treadmill"),
                            ("mixed", "Mixed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "arch",
                    models.CharField(
                        blank=True,
                        choices=[("steady", "Steady"), ("collapsing", "Collapsing"), ("unsure", "Unsure")],
                        max_length=12,
                    ),
                ),
                (
                    "shoe",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("even", "Even"),
                            ("tilts_inward", "Tilts inward"),
                            ("tilts_outward", "Tilts outward"),
                            ("unsure", "Unsure"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "symptoms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("pop", "A pop or a sudden loss of push-off"),
                                ("calf_swelling", "Calf swelling, warmth or redness"),
                                ("bone_spot", "Pain on one spot of bone, or when hopping on it"),
                                ("limp", "A limp that stays after warming up"),
                                ("night_pain", "Pain at night"),
                                ("rest_pain", "Pain at rest"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("knee_or_hip_history", models.TextField(blank=True)),
                (
                    "goals",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("recurring_aches", "Recurring aches"),
                                ("future_injuries", "Future injuries"),
                                ("form_and_mechanics", "Form and mechanics"),
                                ("tendon_capacity", "Tendon capacity"),
                                ("stronger_and_faster", "Stronger and faster"),
                            ],
                            max_length=24,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("remarks", models.TextField(blank=True)),
                (
                    "enrollment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="intake",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Complaint",
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
                ("present", models.BooleanField(default=True)),
                ("pain_now", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("pain_morning", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "intake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="complaints",
                        to="challenge.intake",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("entered_at", models.DateTimeField()),
                (
                    "availability",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leaves",
                        to="challenge.availability",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Morning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("logged_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("pain", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "site",
                    models.CharField(
                        blank=True,
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
                    "symptoms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("pop", "A pop or a sudden loss of push-off"),
                                ("calf_swelling", "Calf swelling, warmth or redness"),
                                ("bone_spot", "Pain on one spot of bone, or when hopping on it"),
                                ("limp", "A limp that stays after warming up"),
                                ("night_pain", "Pain at night"),
                                ("rest_pain", "Pain at rest"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("local_on", models.DateField()),
                ("stiffness_min", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("security", "signing in"),
                            ("welcome", "welcome"),
                            ("weekly", "weekly targets"),
                            ("before_start", "the week before the start"),
                            ("early_access", "early access"),
                            ("invitation", "invitation"),
                            ("seat", "seat"),
                            ("phase", "phase decision"),
                            ("staff_alert", "alert to staff"),
                            ("digest", "clinicians' morning digest"),
                            ("reminder", "reminder"),
                            ("survey", "end survey"),
                            ("call", "discovery call"),
                            ("message", "message from the clinic"),
                            ("test", "test to oneself"),
                        ],
                        max_length=20,
                    ),
                ),
                ("dedupe_key", models.CharField(max_length=200, unique=True)),
                (
                    "about",
                    models.CharField(
                        blank=True, help_text="What it is about, e.g. enrollment:12.", max_length=80
                    ),
                ),
                ("to_email", models.EmailField(max_length=254)),
                ("reply_to", models.EmailField(blank=True, max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("html", models.TextField(blank=True)),
                ("headers", models.JSONField(blank=True, default=dict)),
                ("attachments", models.JSONField(blank=True, default=list)),
                ("message_id", models.CharField(max_length=200, unique=True)),
                ("priority", models.PositiveSmallIntegerField(default=5)),
                ("created_at", models.DateTimeField()),
                ("send_at", models.DateTimeField(help_text="Not before; moved on after a failure.")),
                ("expires_at", models.DateTimeField(blank=True, help_text="Worth nothing after.", null=True)),
                (
                    "give_up_at",
                    models.DateTimeField(help_text="Until then it is tried again after a definite failure."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("claimed", "being sent"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                (
                    "handing_over",
                    models.BooleanField(default=False, help_text="Between handing over and marking."),
                ),
                ("unsure", models.BooleanField(default=False, help_text="May have arrived twice.")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=60)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["priority", "send_at"],
                        name="outbox_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "failed")), fields=["send_at"], name="outbox_failed"
                    ),
                    models.Index(
                        condition=models.Q(("text", "(no longer kept)"), _negated=True),
                        fields=["created_at"],
                        name="outbox_words",
                    ),
                    models.Index(
                        condition=models.Q(("state", "claimed")), fields=["lease_until"], name="outbox_leases"
                    ),
                    models.Index(fields=["about", "-created_at"], name="outbox_about"),
                    models.Index(fields=["to_email"], name="outbox_to"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("to_email", django.db.models.functions.text.Lower("to_email"))),
                        name="outbox_address_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="outbox_sent_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lease_token__isnull", False),
                                ("lease_until__isnull", False),
                                ("state", "claimed"),
                            ),
                            models.Q(
                                models.Q(("state", "claimed"), _negated=True),
                                ("lease_token__isnull", True),
                                ("lease_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="outbox_claim_has_a_lease",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="challenge.enrollment",
                    ),
                ),
                (
                    "notice",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="challenge.outboxmessage",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutcomeScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "instrument",
                    models.CharField(
                        choices=[("visa_a", "VISA-A (Achilles)"), ("other", "another questionnaire")],
                        max_length=10,
                    ),
                ),
                ("score", models.PositiveSmallIntegerField()),
                ("scored_on", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcome_scores",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("illness", "Illness"),
                            ("injury", "Injury"),
                            ("travel", "Travel"),
                            ("life", "Life got in the way"),
                            ("clinician", "A clinician asked for it"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("starts_on", models.DateField()),
                (
                    "ends_on",
                    models.DateField(
                        blank=True, help_text="The last paused day; open where empty.", null=True
                    ),
                ),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PhaseChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("start", "start"),
                            ("advance", "advance"),
                            ("hold", "hold"),
                            ("back", "step back"),
                        ],
                        max_length=10,
                    ),
                ),
                ("from_phase", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("to_phase", models.PositiveSmallIntegerField()),
                ("reason", models.TextField(blank=True)),
                (
                    "shown",
                    models.JSONField(
                        blank=True, default=dict, help_text="What the engine showed at the decision."
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phase_changes",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlannedCadence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week_starts_on", models.DateField()),
                ("cadence_spm", models.PositiveSmallIntegerField()),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coming_changes",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RestWeek",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("logged_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("week_starts_on", models.DateField(help_text="The runner's local Monday.")),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenge.enrollment",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "nothing this week",
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("logged_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("pain", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "site",
                    models.CharField(
                        blank=True,
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
                    "symptoms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("pop", "A pop or a sudden loss of push-off"),
                                ("calf_swelling", "Calf swelling, warmth or redness"),
                                ("bone_spot", "Pain on one spot of bone, or when hopping on it"),
                                ("limp", "A limp that stays after warming up"),
                                ("night_pain", "Pain at night"),
                                ("rest_pain", "Pain at rest"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("local_on", models.DateField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("distance_m", models.PositiveIntegerField()),
                ("duration_s", models.PositiveIntegerField()),
                ("running_s", models.PositiveIntegerField(blank=True, null=True)),
                ("cadence_spm", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "cadence_source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("file", "From the activity file"),
                            ("watch", "The watch's average"),
                            ("counted", "Counted during the run"),
                            ("tapped", "Tapped during the run"),
                            ("metronome", "With the metronome, most of the run"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "surface",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("road", "Road"),
                            ("trail", "Trail"),
                            ("track", "Track"),
                            ("treadmill", "Treadmill"),
                            ("mixed", "Mixed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("hills", models.BooleanField(default=False)),
                (
                    "effort",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("easy", "Easy"),
                            ("steady", "Steady"),
                            ("tempo", "Tempo"),
                            ("race", "Race"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "strike",
                    models.CharField(
                        blank=True,
                        choices=[("heel", "Heel"), ("midfoot", "Midfoot"), ("forefoot", "Forefoot")],
                        max_length=8,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ActivityFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("name", models.CharField(max_length=255)),
                ("file_format", models.CharField(max_length=8)),
                ("device", models.CharField(blank=True, max_length=120)),
                ("elapsed_s", models.PositiveIntegerField()),
                ("cadence_spm", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("cadence_raw", models.FloatField(blank=True, null=True)),
                ("cadence_unit", models.CharField(blank=True, max_length=10)),
                ("warnings", models.JSONField(blank=True, default=list)),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="file", to="challenge.run"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("capacity", models.PositiveSmallIntegerField()),
                ("number", models.PositiveSmallIntegerField()),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "state",
                    models.CharField(
                        choices=[("held", "held"), ("confirmed", "confirmed"), ("ended", "ended")],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("held_at", models.DateTimeField()),
                ("hold_ends_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("expired", "the hold ran out"),
                            ("released", "given back before confirming"),
                            ("withdrew", "withdrew"),
                            ("medical", "medical"),
                            ("never_started", "never started"),
                            ("other", "other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("over_on", models.DateField(editable=False)),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="challenge.cohort",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="seats",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "happened",
                    models.CharField(
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
                ("reason", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="challenge.cohort",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="challenge.seat",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "ledger entries",
            },
        ),
        migrations.AddField(
            model_name="enrollment",
            name="seat",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="enrollment", to="challenge.seat"
            ),
        ),
        migrations.CreateModel(
            name="StrengthSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("logged_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("pain", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "site",
                    models.CharField(
                        blank=True,
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
                    "symptoms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("pop", "A pop or a sudden loss of push-off"),
                                ("calf_swelling", "Calf swelling, warmth or redness"),
                                ("bone_spot", "Pain on one spot of bone, or when hopping on it"),
                                ("limp", "A limp that stays after warming up"),
                                ("night_pain", "Pain at night"),
                                ("rest_pain", "Pain at rest"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("local_on", models.DateField()),
                ("as_prescribed", models.BooleanField(default=False)),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenge.enrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StrengthSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "exercise",
                    models.CharField(
                        choices=[
                            ("isometric_calf_hold", "Standing calf hold"),
                            ("isometric_soleus_hold", "Seated calf hold"),
                            ("short_range_calf_raise", "Calf raise in shortened range"),
                            ("arch_raise", "Arch raise, front to back"),
                            ("heavy_calf_raise", "Heavy slow calf raise"),
                            ("heavy_seated_calf_raise", "Heavy slow seated calf raise"),
                            ("split_squat_calf_raise", "Split squat calf raise"),
                            ("toes_in_calf_raise", "Eccentric calf raise, toes angled in"),
                            ("pogo_hops", "Pogo hops on two feet"),
                            ("single_leg_hops", "Hops on one leg"),
                            ("skipping", "Running skips"),
                            ("cadence_drill", "Cadence drill with the metronome"),
                            ("midfoot_strides", "Midfoot strides"),
                        ],
                        max_length=40,
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("reps", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("seconds", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("load_g", models.PositiveIntegerField(blank=True, null=True)),
                ("pain", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "instead_of",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("isometric_calf_hold", "Standing calf hold"),
                            ("isometric_soleus_hold", "Seated calf hold"),
                            ("short_range_calf_raise", "Calf raise in shortened range"),
                            ("arch_raise", "Arch raise, front to back"),
                            ("heavy_calf_raise", "Heavy slow calf raise"),
                            ("heavy_seated_calf_raise", "Heavy slow seated calf raise"),
                            ("split_squat_calf_raise", "Split squat calf raise"),
                            ("toes_in_calf_raise", "Eccentric calf raise, toes angled in"),
                            ("pogo_hops", "Pogo hops on two feet"),
                            ("single_leg_hops", "Hops on one leg"),
                            ("skipping", "Running skips"),
                            ("cadence_drill", "Cadence drill with the metronome"),
                            ("midfoot_strides", "Midfoot strides"),
                        ],
                        max_length=40,
                    ),
                ),
                ("because", models.CharField(blank=True, max_length=200)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sets",
                        to="challenge.strengthsession",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="WeekFeedback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("week", models.PositiveSmallIntegerField(help_text="0 is before the start.")),
                ("question", models.CharField(max_length=20)),
                (
                    "ease",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Hard work"), (2, "So-so"), (3, "Fine"), (4, "Easy")]
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="week_feedback",
                        to="challenge.enrollment",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "week feedback",
            },
        ),
        migrations.CreateModel(
            name="WeeklyTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week_starts_on", models.DateField(help_text="The runner's local Monday.")),
                ("week", models.PositiveSmallIntegerField(help_text="1 is the first week of the challenge.")),
                ("revision", models.PositiveSmallIntegerField(default=1)),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("monday", "the week began"),
                            ("joined", "joined in the first week"),
                            ("stop", "a stop flag"),
                            ("pause", "a pause"),
                            ("phase", "a phase decision"),
                            ("by_hand", "a value set by hand"),
                            ("closed_stop", "a stop flag was closed"),
                            ("joint", "pain at a joint"),
                        ],
                        max_length=12,
                    ),
                ),
                ("phase", models.PositiveSmallIntegerField()),
                ("cadence_spm", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("on_hold", models.BooleanField(default=False)),
                ("snapshot", models.JSONField()),
                ("decision", models.JSONField()),
                ("parameters", models.JSONField()),
                ("engine_version", models.CharField(max_length=20)),
                ("parameters_version", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="weekly_targets",
                        to="challenge.enrollment",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="weekly_target",
                        to="challenge.outboxmessage",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("last_login__isnull", True)),
                fields=["joined_at"],
                name="user_never_signed_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="user_email_is_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("time_zone", ""), _negated=True), name="user_has_time_zone"
            ),
        ),
        migrations.AddIndex(
            model_name="accessentry",
            index=models.Index(fields=["runner", "-at"], name="access_by_runner"),
        ),
        migrations.AddIndex(
            model_name="accessentry",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="access_by_time"),
        ),
        migrations.AddIndex(
            model_name="addresschange",
            index=models.Index(
                condition=models.Q(("applied_at__isnull", True), ("canceled_at__isnull", True)),
                fields=["effective_at"],
                name="address_change_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("applied_at__isnull", True), ("canceled_at__isnull", True)),
                fields=("user",),
                name="address_change_one_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("applied_at__isnull", True), ("canceled_at__isnull", True)),
                fields=("new_email",),
                name="address_change_one_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("new_email", django.db.models.functions.text.Lower("new_email")),
                    ("old_email", django.db.models.functions.text.Lower("old_email")),
                ),
                name="address_change_is_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("applied_at__isnull", True), ("canceled_at__isnull", True), _connector="OR"
                ),
                name="address_change_applied_or_canceled",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.CheckConstraint(
                condition=models.Q(("effective_at__gte", models.F("asked_at"))),
                name="address_change_not_before_it_is_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                name="address_change_confirmed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("applied_at__isnull", True),
                    ("applied_at__gte", models.F("effective_at")),
                    ("confirmed_by__isnull", False),
                    _connector="OR",
                ),
                name="address_change_waits_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="availability",
            constraint=models.CheckConstraint(
                condition=models.Q(("length_min__gte", 5), ("length_min__lte", 120)),
                name="call_length_is_possible",
            ),
        ),
        migrations.AddConstraint(
            model_name="availability",
            constraint=models.CheckConstraint(
                condition=models.Q(("step_min__gte", 5)), name="call_step_is_possible"
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["starts_at"], name="call_by_start"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["email"], name="call_by_email"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("email", ""), _negated=True),
                fields=["ends_at"],
                name="call_with_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state", "canceled"), _negated=True),
                expressions=[("staff", "="), ("busy", "&&")],
                name="call_staff_is_booked_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="call_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("busy__endswith__gte", models.F("ends_at")),
                    ("busy__startswith__lte", models.F("starts_at")),
                ),
                name="call_lies_inside_its_busy_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state", "booked")),
                    models.Q(models.Q(("state", "booked"), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="call_ended_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "canceled"), models.Q(("canceled_by", ""), _negated=True)),
                    models.Q(models.Q(("state", "canceled"), _negated=True), ("canceled_by", "")),
                    _connector="OR",
                ),
                name="call_canceled_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="call_email_is_lower_case",
            ),
        ),
        migrations.AddIndex(
            model_name="callevent",
            index=models.Index(fields=["booking", "at"], name="call_events"),
        ),
        migrations.AddConstraint(
            model_name="cohortclinician",
            constraint=models.UniqueConstraint(fields=("cohort", "user"), name="cohort_clinician_once"),
        ),
        migrations.AddIndex(
            model_name="earlyaccess",
            index=models.Index(fields=["email"], name="early_access_by_email"),
        ),
        migrations.AddIndex(
            model_name="earlyaccess",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", True)),
                fields=["asked_at"],
                name="early_access_unconfirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="earlyaccess",
            constraint=models.UniqueConstraint(
                fields=("which", "cohort", "email"), name="early_access_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="earlyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="early_access_email_is_lower_case",
            ),
        ),
        migrations.AddIndex(
            model_name="endfeedback",
            index=models.Index(fields=["enrollment", "-at"], name="end_feedback_by_runner"),
        ),
        migrations.AddConstraint(
            model_name="endfeedback",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "key"), name="end_feedback_once_per_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="endfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(("recommend__gte", 0), ("recommend__lte", 10)),
                name="end_feedback_recommend_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="endfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cadence__gte", 1), ("cadence__lte", 4)),
                    ("cadence__isnull", True),
                    _connector="OR",
                ),
                name="end_feedback_cadence_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="endfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("strength__gte", 1), ("strength__lte", 4)),
                    ("strength__isnull", True),
                    _connector="OR",
                ),
                name="end_feedback_strength_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="endfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("log__gte", 1), ("log__lte", 4)), ("log__isnull", True), _connector="OR"
                ),
                name="end_feedback_log_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailylife",
            constraint=models.UniqueConstraint(fields=("enrollment", "key"), name="daily_life_once_per_form"),
        ),
        migrations.AddConstraint(
            model_name="dailylife",
            constraint=models.CheckConstraint(
                condition=models.Q(("pain__isnull", True), ("pain__lte", 10), _connector="OR"),
                name="daily_life_pain_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailylife",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=("enrollment", "week_starts_on"),
                name="daily_life_once_a_week",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailylife",
            constraint=models.CheckConstraint(
                condition=models.Q(("week_starts_on__iso_week_day", 1)), name="daily_life_on_a_monday"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["enrollment", "-at"], name="contact_by_runner"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "version"), name="consent_once_per_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicianoverride",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("enrollment", "what", "exercise"),
                name="hand_set_one_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicianoverride",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cadence_spm__gte", 120),
                        ("cadence_spm__lte", 180),
                        ("exercise", ""),
                        ("what", "cadence"),
                    ),
                    models.Q(
                        models.Q(("what", "cadence"), _negated=True),
                        ("cadence_spm__isnull", True),
                        models.Q(("exercise", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="hand_set_value_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicianoverride",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="hand_set_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="entryrevision",
            constraint=models.UniqueConstraint(
                fields=("kind", "entry_id", "number"), name="entry_revision_once"
            ),
        ),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["enrollment", "kind"],
                name="flag_open",
            ),
        ),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(fields=["enrollment", "-raised_at"], name="flag_by_runner"),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "rule", "source"), name="flag_once_per_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("kind", "silence"),
                    models.Q(("closed_by__isnull", False), models.Q(("closing_note", ""), _negated=True)),
                    _connector="OR",
                ),
                name="flag_is_closed_by_a_person_with_a_note",
            ),
        ),
        migrations.AddConstraint(
            model_name="functiontest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("not_tested_because", ""), ("repetitions__isnull", False)),
                    models.Q(
                        ("repetitions__isnull", True), models.Q(("not_tested_because", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="function_test_has_a_result_or_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="functiontest",
            constraint=models.CheckConstraint(
                condition=models.Q(("pain__isnull", True), ("pain__lte", 10), _connector="OR"),
                name="function_test_pain_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="heelstrikeperiod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on__isnull", True)),
                fields=("enrollment",),
                name="strike_spell_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="hours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("on__isnull", True), ("weekday__isnull", False), ("weekday__lte", 6)),
                    models.Q(("on__isnull", False), ("weekday__isnull", True)),
                    _connector="OR",
                ),
                name="hours_are_weekly_or_of_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="hours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ends__isnull", False),
                        ("starts__isnull", False),
                        models.Q(("starts", models.F("ends")), _negated=True),
                    ),
                    models.Q(("ends__isnull", True), ("on__isnull", False), ("starts__isnull", True)),
                    _connector="OR",
                ),
                name="hours_have_both_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="importjob",
            index=models.Index(
                condition=models.Q(("state", "read"), _negated=True),
                fields=["uploaded_at"],
                name="import_job_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "batch", "number"), name="import_job_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content__isnull", True), ("reading__isnull", False), ("state", "read")),
                    models.Q(models.Q(("state", "read"), _negated=True), ("content__isnull", False)),
                    _connector="OR",
                ),
                name="import_job_bytes_until_read",
            ),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_adult", True)), name="intake_of_an_adult"
            ),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("baseline_cadence_source", ""), ("baseline_cadence_spm__isnull", True)),
                    models.Q(
                        ("baseline_cadence_spm__range", (60, 250)),
                        models.Q(("baseline_cadence_source", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="intake_cadence_has_its_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("longest_run_m__isnull", True), ("longest_run_m__lte", 300000), _connector="OR"
                ),
                name="intake_longest_run_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("usual_week_m__isnull", True), ("usual_week_m__lte", 1000000), _connector="OR"
                ),
                name="intake_usual_week_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("runs_per_week__isnull", True), ("runs_per_week__lte", 21), _connector="OR"
                ),
                name="intake_runs_per_week_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("training_block_started_on__isnull", True),
                    ("training_block_started_on__lte", models.F("answered_on")),
                    _connector="OR",
                ),
                name="intake_training_block_has_begun",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.UniqueConstraint(
                fields=("intake", "site", "side"), name="complaint_once_per_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pain_now__isnull", True), ("pain_now__lte", 10), _connector="OR"),
                    models.Q(("pain_morning__isnull", True), ("pain_morning__lte", 10), _connector="OR"),
                ),
                name="complaint_pain_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="leave_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="morning",
            constraint=models.UniqueConstraint(fields=("enrollment", "key"), name="morning_once_per_form"),
        ),
        migrations.AddConstraint(
            model_name="morning",
            constraint=models.CheckConstraint(
                condition=models.Q(("pain__isnull", True), ("pain__lte", 10), _connector="OR"),
                name="morning_pain_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="morning",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=("enrollment", "local_on"),
                name="morning_once_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="morning",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stiffness_min__gte", 0), ("stiffness_min__lte", 600)),
                    ("stiffness_min__isnull", True),
                    _connector="OR",
                ),
                name="morning_stiffness_range",
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["enrollment", "-at"], name="note_by_runner"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["enrollment", "-at"], name="message_by_runner"),
        ),
        migrations.AddIndex(
            model_name="outcomescore",
            index=models.Index(fields=["enrollment", "scored_on"], name="outcome_by_runner"),
        ),
        migrations.AddConstraint(
            model_name="outcomescore",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__lte", 100)), name="outcome_score_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="pause_ends_after_its_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("ends_on__isnull", True)),
                fields=("enrollment",),
                name="pause_open_once",
            ),
        ),
        migrations.AddIndex(
            model_name="phasechange",
            index=models.Index(fields=["enrollment", "-at"], name="phase_change_by_runner"),
        ),
        migrations.AddConstraint(
            model_name="phasechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_phase__gte", 1), ("to_phase__lte", 3)), name="phase_change_in_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="phasechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_phase__isnull", True), ("kind", "start")),
                    models.Q(("from_phase", models.F("to_phase")), ("kind", "hold")),
                    models.Q(
                        ("kind", "advance"),
                        (
                            "to_phase",
                            django.db.models.expressions.CombinedExpression(
                                models.F("from_phase"), "+", models.Value(1)
                            ),
                        ),
                    ),
                    models.Q(("kind", "back"), ("to_phase__lt", models.F("from_phase"))),
                    _connector="OR",
                ),
                name="phase_change_skips_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="phasechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "start"),
                    models.Q(("by__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="phase_change_has_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcadence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_back_at__isnull", True)),
                fields=("enrollment", "week_starts_on"),
                name="coming_change_one_standing",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcadence",
            constraint=models.CheckConstraint(
                condition=models.Q(("cadence_spm__gte", 120), ("cadence_spm__lte", 180)),
                name="coming_change_cadence_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcadence",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="coming_change_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcadence",
            constraint=models.CheckConstraint(
                condition=models.Q(("week_starts_on__iso_week_day", 1)), name="coming_change_on_a_monday"
            ),
        ),
        migrations.AddConstraint(
            model_name="restweek",
            constraint=models.UniqueConstraint(fields=("enrollment", "key"), name="nothing_once_per_form"),
        ),
        migrations.AddConstraint(
            model_name="restweek",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=("enrollment", "week_starts_on"),
                name="nothing_once_a_week",
            ),
        ),
        migrations.AddConstraint(
            model_name="restweek",
            constraint=models.CheckConstraint(
                condition=models.Q(("week_starts_on__iso_week_day", 1)), name="nothing_on_a_monday"
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["enrollment", "-local_on"],
                name="run_by_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(fields=("enrollment", "key"), name="run_once_per_form"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("pain__isnull", True), ("pain__lte", 10), _connector="OR"),
                name="run_pain_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("distance_m__gte", 1), ("distance_m__lte", 300000)),
                name="run_distance_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("duration_s__gte", 1), ("duration_s__lte", 172800)),
                name="run_duration_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("running_s__isnull", True), ("running_s__lte", models.F("duration_s")), _connector="OR"
                ),
                name="run_running_within_duration",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cadence_spm__gte", 60), ("cadence_spm__lte", 250)),
                    ("cadence_spm__isnull", True),
                    _connector="OR",
                ),
                name="run_cadence_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cadence_spm__isnull", True),
                    models.Q(("cadence_source", ""), _negated=True),
                    _connector="OR",
                ),
                name="run_cadence_has_a_source",
            ),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(
                condition=models.Q(
                    ("confirmed_at__isnull", True), ("state", "ended"), models.Q(("email", ""), _negated=True)
                ),
                fields=["ended_at"],
                name="seat_lapsed_with_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1), ("number__lte", models.F("capacity"))),
                name="seat_number_within_capacity",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="seat_email_is_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("ended_at__isnull", True), ("state", "held")),
                    models.Q(
                        ("confirmed_at__isnull", False), ("ended_at__isnull", True), ("state", "confirmed")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("state", "ended"),
                        models.Q(("end_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="seat_state_has_its_moments",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["held", "confirmed"])),
                fields=("cohort", "number"),
                name="seat_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["held", "confirmed"])),
                fields=("cohort", "user"),
                name="seat_one_per_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["held", "confirmed"]), models.Q(("email", ""), _negated=True)
                ),
                fields=("cohort", "email"),
                name="seat_one_per_address",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["cohort", "-at"], name="ledger_by_cohort"),
        ),
        migrations.AddIndex(
            model_name="strengthsession",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["enrollment", "-local_on"],
                name="strength_by_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="strengthsession",
            constraint=models.UniqueConstraint(fields=("enrollment", "key"), name="strength_once_per_form"),
        ),
        migrations.AddConstraint(
            model_name="strengthsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("pain__isnull", True), ("pain__lte", 10), _connector="OR"),
                name="strength_pain_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="strengthset",
            constraint=models.UniqueConstraint(
                fields=("session", "exercise", "number"), name="strength_set_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="strengthset",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1), ("number__lte", 20)), name="strength_set_number_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="strengthset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reps__gte", 1), ("reps__lte", 200)), ("reps__isnull", True), _connector="OR"
                ),
                name="strength_set_reps_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="strengthset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("seconds__gte", 1), ("seconds__lte", 3600)),
                    ("seconds__isnull", True),
                    _connector="OR",
                ),
                name="strength_set_seconds_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="strengthset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("load_g__gte", 0), ("load_g__lte", 500000)),
                    ("load_g__isnull", True),
                    _connector="OR",
                ),
                name="strength_set_load_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="strengthset",
            constraint=models.CheckConstraint(
                condition=models.Q(("pain__isnull", True), ("pain__lte", 10), _connector="OR"),
                name="strength_set_pain_range",
            ),
        ),
        migrations.AddIndex(
            model_name="weekfeedback",
            index=models.Index(fields=["enrollment", "week", "-at"], name="week_feedback_by_week"),
        ),
        migrations.AddConstraint(
            model_name="weekfeedback",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "key"), name="week_feedback_once_per_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="weekfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(("ease__gte", 1), ("ease__lte", 4)), name="week_feedback_ease_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="weekfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(("week__gte", 0), ("week__lte", 52)), name="week_feedback_week_range"
            ),
        ),
        migrations.AddIndex(
            model_name="weeklytarget",
            index=models.Index(fields=["week_starts_on", "enrollment"], name="weekly_target_by_week"),
        ),
        migrations.AddConstraint(
            model_name="weeklytarget",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "week_starts_on", "revision"),
                name="weekly_target_once_per_week_and_revision",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklytarget",
            constraint=models.CheckConstraint(
                condition=models.Q(("week_starts_on__iso_week_day", 1)), name="weekly_target_on_a_monday"
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklytarget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cadence_spm__isnull", True),
                    models.Q(("cadence_spm__gte", 100), ("cadence_spm__lte", 180)),
                    _connector="OR",
                ),
                name="weekly_target_cadence_range",
            ),
        ),
    ]
