"""What fills the clinic's own pages in the demo: notes, contacts, decisions of every kind, feedback, calls, lists."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Any

from challenge.accounts.models import User
from challenge.calls.actions import Prospect, book
from challenge.calls.after_call import record_outcome
from challenge.calls.models import BookingState
from challenge.care import overrides
from challenge.care.models import ClinicianOverride
from challenge.care.queries import (
    current_heel_strike_period,
    current_overrides,
    current_phase,
    current_targets,
    open_flags,
)
from challenge.care.stop import open_stops
from challenge.enrollment.models import Cohort, EarlyAccess, Enrollment
from challenge.enrollment.waiting_list import confirm_entry, join_waiting_list
from challenge.feedback.actions import answer_week
from challenge.operations.demo.log_days import DemoRunner
from challenge.protocol.catalog.plan import ALTERNATIVES, CATALOG
from challenge.protocol.local_week import local_day
from challenge.protocol.vocabulary import AfterStop, Phase, PlanChangeKind, Rule, StopFinding
from challenge.review import actions, entry_actions, program_actions
from challenge.review.answers import COUNT, GivenAnswer, give_answer
from challenge.review.complaint_actions import StopAnswer, close_stop
from challenge.review.models import Contact

Decide = Callable[[Enrollment, dict[str, Any]], object]


def _cadence(runner: Enrollment, who: dict[str, Any]) -> object:
    return actions.set_cadence(
        enrollment=runner, cadence_spm=162, reason="Smaller steps suit the forefoot.", **who
    )


def _end_cadence(runner: Enrollment, who: dict[str, Any]) -> None:
    for row in current_overrides(runner).filter(what=ClinicianOverride.OverrideKind.CADENCE):
        actions.end_override(override=row, reason="It runs by itself now.", **who)


def _swap(runner: Enrollment, who: dict[str, Any]) -> None:
    """Swap the exercise of the track that has an alternative, whichever phase the story has come to."""
    target = current_targets(runner).first()
    planned = {line["exercise"] for line in target.decision.get("exercises", [])} if target else set()
    for new, old in ALTERNATIVES.items():
        if old.value in planned:
            program_actions.change_plan(
                enrollment=runner,
                kind=PlanChangeKind.SWAP,
                exercise=old.value,
                replacement=new.value,
                reason="Has what it takes at home and likes it better.",
                **who,
            )
            return


def _planned(runner: Enrollment) -> list[dict[str, Any]]:
    """Return the lines of the newest decision, in the order of the plan."""
    target = current_targets(runner).first()
    lines: list[dict[str, Any]] = target.decision.get("exercises", []) if target else []
    return lines


def _dose(runner: Enrollment, who: dict[str, Any]) -> None:
    """Keep the first exercise at the dose that it has."""
    for line in _planned(runner)[:1]:
        numbers = ("sets", "reps", "seconds", "sessions_per_week")
        dose = {name: line[name] for name in numbers if line.get(name) is not None}
        reason = "It’s the right dose for now: stay with it."
        program_actions.set_dose(
            enrollment=runner, exercise=line["exercise"], dose=dose, reason=reason, **who
        )


def _leave_out(runner: Enrollment, who: dict[str, Any]) -> None:
    for line in _planned(runner)[1:][-1:]:
        program_actions.change_plan(
            enrollment=runner,
            kind=PlanChangeKind.LEAVE_OUT,
            exercise=line["exercise"],
            replacement="",
            reason="Too much beside the treadmill weeks; the others stay.",
            **who,
        )


def _add(runner: Enrollment, who: dict[str, Any]) -> None:
    """Add the first exercise of the catalog that the plan does not have and that may be added now."""
    for exercise in CATALOG:
        with suppress(program_actions.CannotTakeEffect, overrides.AlreadySet):
            program_actions.change_plan(
                enrollment=runner,
                kind=PlanChangeKind.ADD,
                exercise=exercise.value,
                replacement="",
                reason="Asked for more, and is ready for it.",
                **who,
            )
            return


def _approve(runner: Enrollment, who: dict[str, Any]) -> None:
    """Approve the first exercise that is spared because a joint hurts."""
    for exercise in CATALOG:
        with suppress(program_actions.CannotTakeEffect, overrides.AlreadySet):
            reason = "Looked at it together: slow and shallow is fine."
            program_actions.approve_exercise(enrollment=runner, exercise=exercise.value, reason=reason, **who)
            return


def _hold(runner: Enrollment, who: dict[str, Any]) -> object:
    phase = current_phase(runner)
    reason = "One run a week: we wait for more."
    return actions.decide_phase(enrollment=runner, expected_phase=phase, to_phase=phase, reason=reason, **who)


def _back(runner: Enrollment, who: dict[str, Any]) -> None:
    phase = current_phase(runner)
    if phase > Phase.SETTLE:
        actions.decide_phase(
            enrollment=runner,
            expected_phase=phase,
            to_phase=phase - 1,
            reason="The raises were too much at once: one step back, then on again.",
            **who,
        )


def _count_long_run(runner: Enrollment, who: dict[str, Any]) -> None:
    """Let the run count that the method asks about."""
    for flag in open_flags(runner).filter(rule=Rule.LOAD_LONG_RUN):
        reason = "Ran this far all last fall, and it was calm after."
        give_answer(GivenAnswer(flag=flag, reason=reason, today=_day(runner, who), **who), COUNT)


def _close_stop(runner: Enrollment, who: dict[str, Any]) -> None:
    for flag in open_stops().filter(enrollment=runner):
        answer = StopAnswer(
            StopFinding.NO_INJURY, AfterStop.BY_PLAN, "Seen on Monday: a blister, no limp left."
        )
        close_stop(flag=flag, answer=answer, today=_day(runner, who), **who)


def _heel_strike(runner: Enrollment, who: dict[str, Any]) -> object:
    return actions.approve_heel_strike(
        enrollment=runner, starts_on=_day(runner, who), reason="Takes load off the calf for now.", **who
    )


def _end_heel_strike(runner: Enrollment, who: dict[str, Any]) -> None:
    if (period := current_heel_strike_period(runner)) is not None:
        actions.end_heel_strike(spell=period, ended_on=_day(runner, who), reason="Calm for two weeks.", **who)


def _pause(runner: Enrollment, who: dict[str, Any]) -> object:
    today = _day(runner, who)
    return actions.pause_runner(
        enrollment=runner, starts_on=today, ends_on=today + timedelta(days=2), note="A cold; rest it.", **who
    )


def _day(runner: Enrollment, who: dict[str, Any]) -> Any:
    user = runner.seat.user
    assert user is not None, "a demo runner has a person"
    return local_day(who["at"], user.zone)


# Week and runner of each decision that the stories and the engine's proposals do not bring by themselves.
DECISIONS: dict[tuple[int, str], Decide] = {
    (3, "Jasper Ngata"): _cadence,
    (6, "Jasper Ngata"): _end_cadence,
    (4, "Freya Lindqvist"): _swap,
    (5, "Tobias Lind"): _dose,
    (5, "Halvard Nyström"): _leave_out,
    (6, "Ines Castellanos"): _add,
    (4, "Callum Breckenridge"): _hold,
    (5, "Anton Verhoeven"): _back,
    (4, "Tobias Lind"): _count_long_run,
    (4, "Owen Matsuda"): _close_stop,
    (4, "Clementine Dubois"): _heel_strike,
    (6, "Clementine Dubois"): _end_heel_strike,
    (6, "Lucía Amezcua"): _pause,
    (7, "Piotr Wasilewski"): _approve,
}
NOTES = {
    (
        2,
        "Maren Oduya",
    ): "Prefers mornings. Keeps her phone in the left hand, so the watch counts cadence better.",
    (3, "Gideon Farrow"): "Doesn’t like the metronome in races. We talked about songs at 168.",
    (5, "Rosalind Mbeki"): "The red day came after a wedding in heels. Nothing since.",
    (6, "Samir Haddad"): "Wants a half marathon in spring. We went through the ladder together.",
}
CONTACTS = {
    (2, "Gideon Farrow"): (Contact.How.NOT_REACHED, "Left word that we’ll try again tomorrow."),
    (3, "Rosalind Mbeki"): (Contact.How.CALLED, "Fine again after two quiet days."),
    (6, "Halvard Nyström"): (Contact.How.WROTE, "Sent the sheet for the week in the hotel gym."),
    (4, "Anton Verhoeven"): (Contact.How.MET, "Showed the calf raise with a towel under the toes."),
}
# How each runner finds every second week, and what they say in one of them.
FEEDBACK = {
    "Maren Oduya": (3, 4, "The email is short, which I like. And the bibs made me smile."),
    "Tobias Lind": (4, None, ""),
    "Desmond Achterberg": (2, 2, "I’d like to log the session without scrolling."),
    "Clementine Dubois": (3, 8, "Twenty minutes is what I have, and it fits."),
}
CALLERS = (
    (-3, "Ragna Solberg", "achilles", BookingState.HELD),
    (-2, "Emil Varga", "knee", BookingState.NO_SHOW),
    (1, "Tess Orlando", "", BookingState.BOOKED),
    (2, "Ikram Dahir", "calf", BookingState.BOOKED),
)
EARLY = ("early.one@lists.demo.test", "early.two@lists.demo.test", "early.three@lists.demo.test")


def decide_and_note(people: list[DemoRunner], *, week: int, clinician: User, at: datetime) -> None:
    """Write the week's notes and contacts, make its decisions, and let runners say how the week was."""
    who: dict[str, Any] = {"by": clinician, "at": at}
    for runner in people:
        enrollment, here = runner.enrollment, (week, runner.story.name)
        if here in NOTES:
            entry_actions.write_note(enrollment=enrollment, text=NOTES[here], **who)
        if here in CONTACTS:
            how, text = CONTACTS[here]
            entry_actions.log_contact(enrollment=enrollment, how=how, text=text, **who)
        if decide := DECISIONS.get(here):
            decide(enrollment, who)
        if week % 2 == 0 and runner.story.name in FEEDBACK:
            ease, said_in, text = FEEDBACK[runner.story.name]
            said = text if week == said_in else ""
            answer_week(enrollment=enrollment, key=uuid.uuid4(), week=week, ease=ease, text=said, at=at)


def fill_lists_and_calls(*, cohort: Cohort, clinician: User, now: datetime) -> None:
    """Put people on the launch list, and calls before and after today in the clinician's diary."""
    for address in EARLY:
        join_waiting_list(email=address, cohort=cohort, at=now - timedelta(days=2))
    for place in EarlyAccess.objects.filter(email__in=EARLY[:2]):
        confirm_entry(place=place, at=now - timedelta(days=1))
    today = local_day(now, clinician.zone)
    for days, name, site, state in CALLERS:
        day = _working_day(today, days)
        starts_at = datetime.combine(day, time(10), clinician.zone)
        asked_at = min(now, starts_at) - timedelta(days=4)
        email = f"{name.split()[0].lower()}@callers.demo.test"
        prospect = Prospect(name, email, clinician.time_zone, site=site, heard="A friend")
        call = book(starts_at=starts_at, staff_id=clinician.pk, prospect=prospect, by=clinician, at=asked_at)
        if state != BookingState.BOOKED:
            record_outcome(booking=call, outcome=state, by=clinician, at=call.ends_at)


def _working_day(today: Any, days: int) -> Any:
    """Return the working day that lies so many working days from today."""
    day, step = today, 1 if days > 0 else -1
    for _ in range(abs(days)):
        day += timedelta(days=step)
        while day.weekday() > 4:
            day += timedelta(days=step)
    return day
