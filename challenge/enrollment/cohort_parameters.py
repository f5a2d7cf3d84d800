"""The numbers of the method that a cohort is decided with: pinned when it begins, changed by a signed row.

A row holds every number, so that a new release with other numbers moves no cohort that runs. Rows are append-only; the
last one whose Monday has come is in force.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, Enrollment, Seat, SeatState
from challenge.protocol.local_week import current_week_start, monday_of
from challenge.protocol.parameters import CLINIC, Parameters, parameter_infos
from challenge.protocol.validation import ProtocolError


class CannotSign(Exception):
    """The numbers of this cohort cannot change so; `str()` is the reason."""


class CohortParameters(models.Model):
    """One set of numbers of a cohort, in force from a Monday on. The first row has no author: the cohort began."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="parameters")
    version = models.CharField(max_length=20)
    numbers = models.JSONField(help_text="Every number of the method by its name.")
    altered = models.JSONField(default=dict, blank=True, help_text="What this row changed, by name.")
    from_week_on = models.DateField(help_text="The runners' local Monday from which it is in force.")
    reason = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "cohort parameters"
        constraints = [
            models.UniqueConstraint(fields=["cohort", "version"], name="cohort_parameters_version_once"),
            models.CheckConstraint(
                condition=Q(from_week_on__iso_week_day=1), name="cohort_parameters_from_a_monday"
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=True, altered={}) | Q(by__isnull=False) & ~Q(reason=""),
                name="cohort_parameters_has_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, from {self.from_week_on}"


def parameters_in_force(cohorts: Iterable[int], *, week_starts_on: date) -> dict[int, Parameters]:
    """Return cohort id -> the numbers of this week, in one query; a cohort without a row has the clinic's."""
    numbers = dict.fromkeys(cohorts, CLINIC)
    rows = CohortParameters.objects.filter(cohort__in=numbers, from_week_on__lte=week_starts_on)
    newest = rows.order_by("cohort_id", "-from_week_on", "-pk").distinct("cohort_id")
    for cohort, version, stored in newest.values_list("cohort_id", "version", "numbers"):
        numbers[cohort] = _parameters(stored, version)
    return numbers


def parameters_of(cohort: Cohort, *, week_starts_on: date) -> Parameters:
    """Return the numbers of one cohort in this week."""
    return parameters_in_force([cohort.pk], week_starts_on=week_starts_on)[cohort.pk]


def parameters_for(enrollment: Enrollment, *, at: datetime) -> Parameters:
    """Return the numbers of a runner's present local week; after an account is erased, of the clinic's."""
    user = enrollment.seat.user
    zone = user.zone if user is not None else ZoneInfo(settings.CLINIC_TIME_ZONE)
    return parameters_of(enrollment.cohort, week_starts_on=current_week_start(at, zone))


def _parameters(stored: Mapping[str, int], version: str) -> Parameters:
    # A number that came with a later release has the release's value.
    known = {name: value for name, value in stored.items() if name in parameter_infos()}
    return replace(CLINIC, version=version, **known)


def numbers_of(parameters: Parameters) -> dict[str, int]:
    """Return every number by its name."""
    return {name: getattr(parameters, name) for name in parameter_infos()}


def signed_changes(cohort: Cohort) -> list[CohortParameters]:
    """Return what people signed for this cohort, newest first."""
    rows = CohortParameters.objects.filter(cohort=cohort, by__isnull=False).select_related("by")
    return list(rows.order_by("-from_week_on", "-pk"))


def pin_parameters(*, cohorts: Iterable[Cohort], at: datetime) -> None:
    """Write down the numbers of cohorts that begin; a cohort that has a row keeps it.

    They are the clinic's, or the last ones of the cohort that it was copied from.
    """
    for cohort in cohorts:
        # What was signed before the start is in force from the start: a later row of the same Monday would undo it.
        if CohortParameters.objects.filter(cohort=cohort, from_week_on__lte=cohort.starts_on).exists():
            continue
        numbers = CLINIC
        if (before := cohort.copied_from) is not None:
            numbers = parameters_of(before, week_starts_on=before.over_on)
        CohortParameters.objects.get_or_create(
            cohort=cohort,
            version=CLINIC.version,
            defaults={"numbers": numbers_of(numbers), "from_week_on": cohort.starts_on, "at": at},
        )


def next_monday(cohort: Cohort, *, at: datetime) -> date:
    """Return the first Monday that has begun for none of the cohort's runners, nor at the clinic."""
    seats = Seat.objects.filter(cohort=cohort, state=SeatState.CONFIRMED, user__isnull=False)
    zones = {settings.CLINIC_TIME_ZONE, *seats.values_list("user__time_zone", flat=True)}
    # A runner whose Monday has come is decided already, with the numbers of before.
    latest = max(at.astimezone(ZoneInfo(zone)).date() for zone in zones)
    return max(monday_of(latest) + timedelta(weeks=1), cohort.starts_on)


def sign_parameters(
    *, cohort: Cohort, altered: Mapping[str, int], reason: str, by: User, at: datetime
) -> CohortParameters:
    """Change numbers of the method for this cohort, from the next Monday on. Raise CannotSign.

    The change builds on what is signed for that Monday already, so that two signatures in one week add up.
    """
    with transaction.atomic():
        locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        monday = next_monday(locked, at=at)
        if monday > locked.over_on:
            raise CannotSign("This cohort is over: its numbers stay as they were.")
        if monday == locked.starts_on:
            # The numbers of a copied cohort are what the change builds on.
            pin_parameters(cohorts=[locked], at=at)
        before = parameters_of(locked, week_starts_on=monday)
        changed = {name: value for name, value in altered.items() if getattr(before, name, None) != value}
        if not changed:
            raise CannotSign("That number is already in force, so there’s nothing to sign.")
        try:
            numbers = numbers_of(before.altered(**changed))
        except ProtocolError as error:
            raise CannotSign(range_sentence(error)) from error
        count = CohortParameters.objects.filter(cohort=locked, by__isnull=False).count()
        return CohortParameters.objects.create(
            cohort=locked,
            version=f"{CLINIC.version}-c{locked.pk}.{count + 1}",
            numbers=numbers,
            altered=changed,
            from_week_on=monday,
            reason=reason,
            by=by,
            at=at,
        )


def range_sentence(error: ProtocolError) -> str:
    """Return why a number cannot be, for people: `"cap_spm" can be from 160 to 200 steps a minute.`"""
    name = error.field.removeprefix("parameters.")
    info = parameter_infos().get(name)
    if info is None:
        return f"This number cannot be: {error}."
    low, high = info.span
    return f"{info.says[:1].upper()}{info.says[1:]}: choose a whole number from {low} to {high}."
