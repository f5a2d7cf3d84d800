"""The demo: created through real actions, and only under DEBUG."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.test import Client

from challenge.accounts.models import User
from challenge.calls.models import Booking
from challenge.calls.schedule_models import Hours
from challenge.care.complaint_models import ComplaintChange, DismissedProposal, RunnerComplaint
from challenge.care.models import (
    ClinicianOverride,
    Flag,
    FunctionTest,
    HeelStrikePeriod,
    Pause,
    PhaseChange,
    WeeklyTarget,
)
from challenge.care.queries import current_phase
from challenge.enrollment.models import Cohort, EarlyAccess, Enrollment, Seat, SeatState
from challenge.feedback.models import WeekFeedback
from challenge.operations.demo.simulation import simulate
from challenge.pages.models import TeamMember
from challenge.protocol.vocabulary import ComplaintStatus, FlagKind, PauseReason, TestKind
from challenge.review.models import Contact, Note
from tests.factories.people import use_second_factor

pytestmark = pytest.mark.django_db


def test_it_refuses_to_run_without_debug() -> None:
    with pytest.raises(CommandError, match="only where DEBUG is on"):
        call_command("demo")


@pytest.mark.parametrize("options", [{"runners": 0}, {"runners": 99}, {"weeks": 0}, {"weeks": 13}])
def test_numbers_out_of_range_are_refused(settings: object, options: dict[str, int]) -> None:
    settings.DEBUG = True  # type: ignore[attr-defined]
    with pytest.raises(CommandError):
        call_command("demo", **options)


def test_three_runners_live_two_weeks_and_the_next_cohort_has_seven_seats_left() -> None:
    now = datetime(2026, 3, 5, 20, 0, tzinfo=UTC)  # the Thursday of week 2
    simulate(runners=3, weeks=2, seed=7, now=now, report=str)
    first, following = Cohort.objects.get(slug="first"), Cohort.objects.get(slug="next")
    assert first.closed_at is not None
    assert Seat.objects.filter(cohort=following, state=SeatState.CONFIRMED).count() == 13
    runner = Enrollment.objects.get(seat__user__email="runner@demo.test")
    targets = WeeklyTarget.objects.filter(enrollment=runner).order_by("week", "revision")
    assert (targets[0].week, targets[0].cadence_spm) == (1, 168)
    assert {t.message.state for t in targets if t.message} == {"sent"}
    assert not Flag.objects.filter(kind=FlagKind.STOP).exists()
    assert not WeeklyTarget.objects.filter(at__gt=now).exists()
    assert [one.weekday for one in Hours.objects.order_by("weekday")] == [0, 1, 2, 3, 4]
    team = TeamMember.objects.filter(is_shown=True, picture__isnull=False).values_list("name", flat=True)
    assert runner.seat.cohort.clinicians.get().user.name in team


def words(rows: QuerySet[Any], field: str) -> set[str]:
    return set(rows.values_list(field, flat=True)) - {""}


def assert_every_kind_of_decision_is_there() -> None:
    """A clinician who tries the demo sees each kind of decision in a runner's history."""
    assert words(PhaseChange.objects.all(), "kind") == set(PhaseChange.PhaseChangeKind)
    assert words(ClinicianOverride.objects.all(), "what") == set(ClinicianOverride.OverrideKind)
    assert words(RunnerComplaint.objects.all(), "status") == set(ComplaintStatus)
    assert words(FunctionTest.objects.all(), "kind") == set(TestKind)
    assert words(Contact.objects.all(), "how") == set(Contact.How)
    assert DismissedProposal.objects.exists()
    assert RunnerComplaint.objects.filter(track_approved=True).exists()
    assert HeelStrikePeriod.objects.filter(ended_on__isnull=False).exists()
    assert Pause.objects.filter(reason=PauseReason.CLINICIAN).exists()
    stops = Flag.objects.filter(kind=FlagKind.STOP)
    assert {stop.closed_at is None for stop in stops} == {True, False}
    # What a decision answers is closed by it, whichever table the decision is a row of.
    closed_by = {key.partition(":")[0] for key in words(Flag.objects.all(), "answered_with")}
    assert closed_by >= {"phase", "hand", "complaint", "strike", "strike-end", "flag"}


def assert_the_clinicians_pages_open(runners: QuerySet[Enrollment]) -> None:
    client, clinician = Client(), User.objects.get(email="clinician@demo.test")
    client.force_login(clinician)
    use_second_factor(client, clinician)
    board = "/admin/review/first/"
    pages = [board, f"{board}report/", *(f"{board}runners/{runner.pk}/" for runner in runners)]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


@pytest.mark.deep
def test_twenty_runners_live_eight_weeks_with_phases_tracks_and_complaints() -> None:
    simulate(runners=20, weeks=8, seed=7, now=datetime(2026, 3, 5, 20, 0, tzinfo=UTC), report=str)
    first = Enrollment.objects.filter(seat__cohort__slug="first")
    assert [current_phase(runner) for runner in first].count(3) >= 5
    complaints = RunnerComplaint.objects.filter(enrollment__in=first)
    assert complaints.filter(track_approved=True).count() == 2
    under_way = ComplaintChange.objects.filter(complaint__in=complaints, source="log")
    states = {change.complaint.status for change in under_way}
    assert "past" in states
    assert states & {"present", "settling"}  # how far they are depends on the week of the report
    assert FunctionTest.objects.filter(enrollment__in=first).exists()
    assert current_phase(first.get(seat__user__email="runner@demo.test")) == 2
    assert_every_kind_of_decision_is_there()
    assert Note.objects.count() >= 4
    assert WeekFeedback.objects.exclude(text="").count() >= 3
    assert set(Booking.objects.values_list("state", flat=True)) == {"held", "no_show", "booked"}
    assert EarlyAccess.objects.filter(confirmed_at__isnull=False).count() == 2
    assert_the_clinicians_pages_open(first)
