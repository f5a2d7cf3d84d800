"""One cohort in numbers for its owner: no name, no health detail, and no number small enough to point at one runner."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from challenge.enrollment.models import Cohort
from challenge.enrollment.queries import clinic_today
from challenge.mail.models import AddressState, OutboxMessage
from challenge.mail.queries import failing_addresses, failing_messages
from challenge.notifications.on_call import StopReaders, stop_readers
from challenge.outcomes.cohort_results import cohort_outcomes
from challenge.review.report import build_report
from challenge.review.response_times import ResponseTimes, response_times

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
