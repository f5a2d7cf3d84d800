"""The owner's first page: each cohort in numbers, and what needs an owner.

It names colleagues but no runner, and no number is small enough to point at one.
"""

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from challenge.accounts.roles import CLINICIAN
from challenge.enrollment.models import Cohort, CohortClinician, EarlyAccess, SeatState
from challenge.enrollment.queries import clinic_today, latest_zone_day
from challenge.mail.models import AddressState, OutboxMessage
from challenge.mail.queries import failing_addresses, failing_messages
from challenge.notifications.on_call import StopReaders, stop_readers
from challenge.operations.people import colleagues
from challenge.operations.queries import failing_checks
from challenge.operations.releases import release_sentences
from challenge.outcomes.results import cohort_outcomes
from challenge.review.report import build_report
from challenge.review.response_times import CohortAnswers, ResponseTimes, answers_by_cohort, response_times

LEAST_RUNNERS = 5  # fewer answers could tell who gave them
MAIL_SHOWN = 25


@dataclass(frozen=True)
class NumberLine:
    """One outcome over enough runners: how many of how many got clearly better."""

    title: str
    better: int
    compared: int


@dataclass(frozen=True)
class CohortNumbers:
    """Retention, adherence, outcomes and response times; None and empty lists where too few runners answered."""

    stayed: int
    ever: int
    logging: int
    adherence: int | None
    outcomes: list[NumberLine]
    too_few: int
    responses: list[ResponseTimes]
    on_call: StopReaders


def cohort_numbers(cohort: Cohort, *, at: datetime) -> CohortNumbers:
    """Return a cohort's numbers for its owner, in a constant number of queries."""
    report = build_report(cohort, today=clinic_today(at))
    done = [line.adherence for line in report.lines if line.adherence is not None]
    changes = cohort_outcomes(cohort).changes
    return CohortNumbers(
        stayed=report.stayed,
        ever=len(report.lines),
        logging=report.logging,
        adherence=round(statistics.median(done)) if len(done) >= LEAST_RUNNERS else None,
        outcomes=[
            NumberLine(one.questionnaire.title, one.better, one.compared)
            for one in changes
            if is_big_enough(one.better, one.compared)
        ],
        too_few=sum(not is_big_enough(one.better, one.compared) for one in changes),
        responses=response_times(cohort, at=at),
        on_call=stop_readers([cohort.pk], at=at)[cohort.pk],
    )


def is_big_enough(part: int, whole: int) -> bool:
    """Return whether a count points at no one: enough runners, and neither all of them nor none are meant."""
    return whole >= LEAST_RUNNERS and 0 < part < whole


@dataclass(frozen=True)
class UndeliveredMail:
    """An email that did not arrive: to whom and since when, without its content."""

    address: str
    since: datetime
    state: str


def undelivered_mail(*, at: datetime) -> list[UndeliveredMail]:
    """Return what fails now, the newest of each address, and the addresses that refuse us."""
    messages: QuerySet[OutboxMessage] = failing_messages(at=at).only("to_email", "created_at", "state")
    failing = (
        UndeliveredMail(one.to_email, one.created_at, one.get_state_display())
        for one in messages[:MAIL_SHOWN]
    )
    addresses: QuerySet[AddressState] = failing_addresses()
    refusing = (
        UndeliveredMail(one.email, since, "the address refuses our email")
        for one in addresses[:MAIL_SHOWN]
        if (since := one.refused_at or one.complained_at) is not None
    )
    return _one_an_address([*refusing, *failing])


def _one_an_address(found: Iterable[UndeliveredMail]) -> list[UndeliveredMail]:
    by_address: dict[str, UndeliveredMail] = {}
    for one in found:
        by_address.setdefault(one.address, one)
    return sorted(by_address.values(), key=lambda one: one.since, reverse=True)[:MAIL_SHOWN]


SECOND_FACTOR_WITHIN = timedelta(days=7)
ANNOUNCE_BEFORE = timedelta(days=14)


@dataclass(frozen=True)
class CohortLine:
    """One cohort in numbers. `stage` is its state in words; `people` are its clinicians who may act."""

    cohort: Cohort
    stage: str
    confirmed: int
    held: int
    left: int
    invited: int
    waiting: int
    people: int
    answers: CohortAnswers

    @property
    def is_planned(self) -> bool:
        """Return whether the plan can still change: then its page is the plan, later its seats."""
        return self.cohort.begun_at is None and self.cohort.closed_at is None and not self.confirmed

    @property
    def stayed_percent(self) -> int | None:
        """Return how many of those who ever had a place kept it, out of 100."""
        ever = self.confirmed + self.left
        return round(100 * self.confirmed / ever) if ever else None

    @property
    def free(self) -> int:
        """Return how many seats no one holds."""
        return max(0, self.cohort.capacity - self.confirmed - self.held)


@dataclass(frozen=True)
class Need:
    """One thing that waits for an owner: a sentence, and the page where it is repaired."""

    sentence: str
    href: str = ""
    link: str = ""


def cohorts_in_numbers() -> QuerySet[Cohort]:
    """Return the cohorts, the latest first; `lines` counts those of one page."""
    return Cohort.objects.order_by("-starts_on", "-pk")


def lines(cohorts: list[Cohort], *, at: datetime) -> list[CohortLine]:
    """Return the line of each cohort, in four queries however many there are."""
    ids = [cohort.pk for cohort in cohorts]
    seats, listed, people = _seats(ids, at=at), _waiting_lists(ids), _people(ids)
    answers = answers_by_cohort(ids)
    return [
        _line(
            cohort,
            seats[cohort.pk],
            listed.get(cohort.pk, {}),
            people.get(cohort.pk, 0),
            answers=answers.get(cohort.pk, CohortAnswers()),
            at=at,
        )
        for cohort in cohorts
    ]


def _seats(ids: list[int], *, at: datetime) -> dict[int, Any]:
    """Return by cohort how many seats are confirmed, held, and were given up."""
    confirmed = Q(seats__state=SeatState.CONFIRMED)
    held = Q(seats__state=SeatState.HELD, seats__hold_ends_at__gt=at)
    left = Q(seats__state=SeatState.ENDED, seats__confirmed_at__isnull=False)
    counted = Cohort.objects.filter(pk__in=ids).annotate(
        confirmed=Count("seats", filter=confirmed),
        held=Count("seats", filter=held),
        left=Count("seats", filter=left),
    )
    return {row["pk"]: row for row in counted.values("pk", "confirmed", "held", "left")}


def _waiting_lists(ids: list[int]) -> dict[int, Any]:
    """Return by cohort how many people of its waiting list are invited, and how many wait."""
    listed = EarlyAccess.objects.filter(cohort__in=ids).values("cohort")
    counted = listed.annotate(
        invited=Count("pk", filter=Q(invited_at__isnull=False)),
        waiting=Count("pk", filter=Q(invited_at__isnull=True, confirmed_at__isnull=False)),
    )
    return {row["cohort"]: row for row in counted.order_by()}


def _people(ids: list[int]) -> dict[int, int]:
    """Return by cohort how many clinicians may act."""
    listed = _acting().filter(cohort__in=ids).values_list("cohort")
    return dict(listed.annotate(n=Count("user", distinct=True)).order_by())


def _line(
    cohort: Cohort, seats: Any, listed: Any, people: int, *, answers: CohortAnswers, at: datetime
) -> CohortLine:
    return CohortLine(
        cohort=cohort,
        stage=stage_of(cohort, full=seats["confirmed"] >= cohort.capacity, at=at),
        confirmed=seats["confirmed"],
        held=seats["held"],
        left=seats["left"],
        invited=listed.get("invited", 0),
        waiting=listed.get("waiting", 0),
        people=people,
        answers=answers,
    )


def _acting() -> QuerySet[CohortClinician]:
    """Return the clinicians of cohorts who may act now."""
    able = Q(user__is_superuser=True) | Q(user__groups__name=CLINICIAN)
    return CohortClinician.objects.filter(able, user__is_active=True, user__is_staff=True)


def stage_of(cohort: Cohort, *, full: bool, at: datetime) -> str:
    """Return the cohort's state in words, by the clinic's clock."""
    today = clinic_today(at)
    if cohort.over_on <= latest_zone_day(at):
        return "over"
    if today >= cohort.starts_on:
        return f"week {(today - cohort.starts_on).days // 7 + 1} of {cohort.weeks}"
    if not cohort.is_public:
        return "not announced"
    if cohort.closed_at is not None or full:
        return "closed, not started"
    if at >= cohort.opens_at:
        return "open"
    early = cohort.early_access_at
    return "early access" if early is not None and at >= early else "announced"


def needs(*, at: datetime) -> Iterator[Need]:
    """Yield what waits for an owner: the troubles of /health/ready/, releases, people, cohorts."""
    for sentence in failing_checks(at=at).values():
        yield Need(f"{sentence} Tell the person who runs your server.")
    for sentence in release_sentences(at=at):
        yield Need(f"{sentence} Tell the person who runs your server.")
    yield from _people_needs(at=at)
    yield from _cohort_needs(at=at)


def _at_work() -> Any:
    """Return the active colleagues, each with `has_factor`."""
    people: Any = colleagues()
    return people.filter(is_active=True)


def second_factors() -> str:
    """Return how many of those who work here have a second factor; `needs` names who has gone without it for long."""
    factors = _at_work().values_list("has_factor", flat=True)
    if all(factors):
        return "Everyone who works here has a second factor."
    return f"Second factor set up: {sum(factors)} of {len(factors)} who work here."


def _people_needs(*, at: datetime) -> Iterator[Need]:
    late = _at_work().filter(has_factor=False, joined_at__lte=at - SECOND_FACTOR_WITHIN)
    for person in late.order_by("joined_at"):
        days = (at - person.joined_at).days
        yield Need(
            f"{person} has had no second factor for {days} days, so they can’t open any page. "
            "Call them, or close the account.",
            reverse("people"),
            "People",
        )


def _cohort_needs(*, at: datetime) -> Iterator[Need]:
    today = clinic_today(at)
    coming = Cohort.objects.filter(over_at=None, starts_on__lte=today + ANNOUNCE_BEFORE).order_by("starts_on")
    covered = set(_acting().values_list("cohort", flat=True))
    for cohort in coming:
        if cohort.over_on > latest_zone_day(at):
            yield from _needs_of(cohort, covered=cohort.pk in covered, today=today)


def _needs_of(cohort: Cohort, *, covered: bool, today: date) -> Iterator[Need]:
    page = reverse("admin:challenge_cohort_change", args=[cohort.pk])
    if not covered and cohort.flags_to_clinic_at is None:
        yield Need(
            f"{cohort} has no clinician who can act, so no one in particular reads its flags.",
            page,
            "Name one",
        )
    if not cohort.is_public and cohort.starts_on > today:
        start = f"{cohort.starts_on:%B} {cohort.starts_on.day}"
        yield Need(f"{cohort} starts on {start} and is not announced yet.", page, "Look at it")
