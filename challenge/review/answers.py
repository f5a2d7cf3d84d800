"""The answers that a question offers in place, and what each of them does.

Most answers are decisions, so they close the question by the table in `care.answers`. What is no decision (seen, not
now, because ...) closes the question itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care.answers import named_exercises
from challenge.care.complaints import (
    RUNNER_SOURCE,
    BodyPlace,
    ComplaintRefused,
    complaints_of,
    is_proposal,
    place_of,
)
from challenge.care.models import Flag
from challenge.care.queries import current_heel_strike_period, current_phase
from challenge.care.questions import question_name
from challenge.enrollment.models import Enrollment, SeatState
from challenge.protocol.vocabulary import ComplaintStatus, FlagKind
from challenge.review import actions, complaint_actions, entry_actions, program_actions
from challenge.review.models import Contact
from challenge.review.queries import runs_asked_about

SHORT_PAUSE = timedelta(days=6)  # after the first day: a week


class CannotAnswer(Exception):
    """The answer does not fit any more; `str()` is the reason."""


@dataclass(frozen=True, slots=True)
class OfferedAnswer:
    """One answer. Its `reason` is used where the clinician writes none; without one they have to write why."""

    value: str
    label: str
    reason: str = ""
    takes_cadence: bool = False


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What a clinician answered: the flag, the words, and a cadence in steps a minute where one is asked for.

    `phase` is the one that the page showed; an answer about another one is refused.
    """

    flag: Flag
    reason: str
    today: date
    by: User
    at: datetime
    cadence_spm: int | None = None
    phase: int | None = None

    @property
    def runner(self) -> Enrollment:
        return self.flag.enrollment


SEEN = OfferedAnswer("seen", "Seen, continue", "Seen; the plan continues.")
HOLD = OfferedAnswer("hold", "Stay in this phase", "Stays in this phase until the pain is calm.")
PAUSE_WEEK = OfferedAnswer("pause", "Pause for a week")
DECLINE = OfferedAnswer("decline", "No (say why)")
TALKED = OfferedAnswer("talked", "Talked it through")
OPEN = OfferedAnswer("open", "Open a complaint", "Opened from the log’s reports.")
NO_COMPLAINT = OfferedAnswer("none", "No complaint (say why)")
PAST = OfferedAnswer("past", "It’s in the past", "The runner says that it has settled.")
SETTLING = OfferedAnswer(
    "settling", "It’s settling", "The runner says that it has settled; we’ll wait a little."
)
CADENCE = OfferedAnswer(
    "cadence", "Set this cadence", "A cadence that fits the measured runs.", takes_cadence=True
)
KEEP = OfferedAnswer("keep", "Keep the target", "No change for now; the runner keeps measuring and trying.")
FORM_FINE = OfferedAnswer("seen", "The form is fine", "The running form is fine.")
APPROVE = OfferedAnswer("approve", "Approve", "Approved in the full form.")
BEGIN_TRACK = OfferedAnswer("track", "Begin the exercises", "The exercises for this joint begin.")
STRIKE = OfferedAnswer("strike", "Approve until the review", "Approved as proposed, until the review.")
STRIKE_END = OfferedAnswer("strike_end", "End heel strike", "The runner goes back toward midfoot.")
STRIKE_ON = OfferedAnswer("decline", "Continue (say why)")
FITS = OfferedAnswer("seen", "The plan fits", "Welcome back; the plan fits.")
COUNT = OfferedAnswer("count", "Let this run count", "This run may raise the next limit.")
REACHED = OfferedAnswer("called", "Called and talked")
ADDRESS = OfferedAnswer("seen", "Address checked", "The address has been checked.")

SORE = (SEEN, HOLD)
# By the name of a question (`care.questions.question_name`), the likeliest answer first.
OFFERED: dict[str, tuple[OfferedAnswer, ...]] = {
    "pain.ask": (TALKED, PAUSE_WEEK),
    "pain.scale:joint": SORE,
    "pain.scale:red": SORE,
    "pain.scale:daily_life": SORE,
    "pain.morning": SORE,
    "pain.not_better": SORE,
    "phase.propose_back": (HOLD, PAUSE_WEEK),
    "complaint.open": (OPEN, NO_COMPLAINT),
    "cadence.stuck": (CADENCE, KEEP),
    "cadence.unmeasured": (KEEP, CADENCE),
    "cadence.review": (FORM_FINE, CADENCE),
    "exercise.approval": (APPROVE, DECLINE),
    "exercise.track": (BEGIN_TRACK, DECLINE),
    "exercise.return": (FITS, PAUSE_WEEK),
    "load.long_run": (SEEN, COUNT),
    "strike.offer": (STRIKE, DECLINE),
    "strike.shin": (STRIKE, DECLINE),
    "strike.never:past": (STRIKE, DECLINE),
    "strike.never:under_way": (STRIKE_END, STRIKE_ON),
    "strike.return": (STRIKE_END, STRIKE_ON),
    "message.words": (TALKED, PAUSE_WEEK),
    "log.silence": (REACHED, PAUSE_WEEK),
    "mail.failing": (ADDRESS,),
}


def answers_to(flag: Flag) -> tuple[OfferedAnswer, ...]:
    """Return the answers that a question offers; none for a stop, which has a form of its own."""
    if flag.kind == FlagKind.STOP:
        return ()
    if flag.facts.get("says") == "settled":
        return (PAST, SETTLING)
    return OFFERED.get(question_name(flag), (SEEN,))


ANSWER_IT = "Choose an answer: open a complaint, or say that there is none."
NOTED = OfferedAnswer("note", "Answered")


def needs_an_answer(flag: Flag) -> bool:
    """Return whether a note alone may not close this flag: what the log guards stays guarded until it is answered."""
    return is_proposal(flag) and not flag.source.startswith(RUNNER_SOURCE)


def has_left(enrollment: Enrollment) -> bool:
    """Return whether the runner has left, so that there is nothing left to decide."""
    return bool(enrollment.seat.state != SeatState.CONFIRMED)


def may_be_given(answer: OfferedAnswer, *, left: bool) -> bool:
    """Return whether the answer is one for this runner: for one who left, none that changes their plan."""
    return not left or answer.value not in DECIDES or answer in (NO_COMPLAINT, REACHED)


def give_answer(given: GivenAnswer, answer: OfferedAnswer) -> None:
    """Answer one question. Raise AlreadyClosed if a colleague answered it first, or the refusal of the decision."""
    flag = given.flag
    with transaction.atomic():
        # Lock the runner: of two clinicians who answer together, the second must find the question closed.
        Enrollment.objects.select_for_update(no_key=True).get(pk=flag.enrollment_id)
        flag.refresh_from_db()
        if flag.closed_at is not None:
            raise care.AlreadyClosed(flag)
        if not may_be_given(answer, left=has_left(given.runner)):
            raise CannotAnswer(actions.HAS_LEFT)
        decide = DECIDES.get(answer.value)
        made = decide(given) if decide else ""
        flag.refresh_from_db()
        if flag.closed_at is None:
            words = "" if answer is NOTED else f"{answer.label.removesuffix(' (say why)')}. "
            note = words + given.reason
            # A question that the table does not close reopens all the same with the decision that answered it.
            care.close_flag(flag=flag, note=note, by=given.by, at=given.at, answered_with=made or flag.about)


def _hold(given: GivenAnswer) -> str:
    phase = current_phase(given.runner) if given.phase is None else given.phase
    change = actions.decide_phase(
        enrollment=given.runner,
        expected_phase=phase,
        to_phase=phase,
        reason=given.reason,
        by=given.by,
        at=given.at,
    )
    return f"phase:{change.pk}"


def _pause(given: GivenAnswer) -> str:
    row = actions.pause_runner(
        enrollment=given.runner,
        starts_on=given.today,
        ends_on=given.today + SHORT_PAUSE,
        note=given.reason,
        by=given.by,
        at=given.at,
    )
    return f"pause:{row.pk}"


def _open_complaint(given: GivenAnswer) -> str:
    site, side = place_of(given.flag)
    complaint = complaint_actions.open_complaint(
        enrollment=given.runner,
        place=BodyPlace(site, side),
        status=ComplaintStatus.PRESENT,
        on=given.today,
        reason=given.reason,
        by=given.by,
        at=given.at,
    )
    return f"complaint:{complaint.changes.latest('pk').pk}"


def _no_complaint(given: GivenAnswer) -> str:
    # A question in the runner's own words guards nothing: there is nothing to end.
    if not given.flag.source.startswith(RUNNER_SOURCE):
        complaint_actions.dismiss_proposal(flag=given.flag, reason=given.reason, by=given.by, at=given.at)
    return ""


def _change_to(status: ComplaintStatus) -> Callable[[GivenAnswer], str]:
    def change(given: GivenAnswer) -> str:
        site, side = place_of(given.flag)
        complaint = complaints_of(given.runner).filter(site=site, side=side).first()
        if complaint is None:
            raise ComplaintRefused("There is no complaint of this place: open it on the runner’s page.")
        row = complaint_actions.change_complaint(
            complaint=complaint, status=status, on=given.today, reason=given.reason, by=given.by, at=given.at
        )
        return f"complaint:{row.pk}"

    return change


def _set_cadence(given: GivenAnswer) -> str:
    assert given.cadence_spm is not None, "the form asks for it"
    row = actions.set_cadence(
        enrollment=given.runner,
        cadence_spm=given.cadence_spm,
        reason=given.reason,
        by=given.by,
        at=given.at,
    )
    return f"hand:{row.pk}"


def _approve(given: GivenAnswer) -> str:
    """Approve each exercise that the question names and that still waits; the table closes it with the last."""
    waiting = named_exercises(given.flag) - program_actions.settled_exercises(given.runner)
    for exercise in sorted(waiting):
        program_actions.approve_exercise(
            enrollment=given.runner, exercise=exercise, reason=given.reason, by=given.by, at=given.at
        )
    return ""


def _begin_track(given: GivenAnswer) -> str:
    site, _ = place_of(given.flag)
    waiting = complaints_of(given.runner).filter(site=site, track_approved=False)
    complaint = waiting.exclude(status=ComplaintStatus.PAST).first()
    if complaint is None:
        raise CannotAnswer("No open complaint of this place waits for it. Look at the runner’s page.")
    row = complaint_actions.approve_track(
        complaint=complaint, approved=True, on=given.today, reason=given.reason, by=given.by, at=given.at
    )
    return f"complaint:{row.pk}"


def _start_heel_strike(given: GivenAnswer) -> str:
    row = actions.approve_heel_strike(
        enrollment=given.runner, starts_on=given.today, reason=given.reason, by=given.by, at=given.at
    )
    return f"strike:{row.pk}"


def _end_heel_strike(given: GivenAnswer) -> str:
    period = current_heel_strike_period(given.runner)
    if period is None:
        raise CannotAnswer("No heel-strike period is under way anymore. Look at the runner’s page.")
    actions.end_heel_strike(spell=period, ended_on=given.today, reason=given.reason, by=given.by, at=given.at)
    return ""


def _count_run(given: GivenAnswer) -> str:
    asked = runs_asked_about(given.flag, on=given.today, at=given.at)
    if not asked:
        raise CannotAnswer(
            "The run isn’t in the log anymore, or it already counts. Look at the runner’s page."
        )
    if len(asked) > 1:
        raise CannotAnswer(
            "Several runs have this distance: choose yours under “Let a long run raise the limit”."
        )
    row = actions.count_long_run(
        enrollment=given.runner, run=asked[0], on=given.today, reason=given.reason, by=given.by, at=given.at
    )
    return f"hand:{row.pk}"


def _called(given: GivenAnswer) -> str:
    entry_actions.log_contact(
        enrollment=given.runner, how=Contact.How.CALLED, text=given.reason, by=given.by, at=given.at
    )
    return ""


# Each returns the key of what it decided (`review.undo`), "" for what is not taken back.
DECIDES: dict[str, Callable[[GivenAnswer], str]] = {
    HOLD.value: _hold,
    PAUSE_WEEK.value: _pause,
    OPEN.value: _open_complaint,
    NO_COMPLAINT.value: _no_complaint,
    PAST.value: _change_to(ComplaintStatus.PAST),
    SETTLING.value: _change_to(ComplaintStatus.SETTLING),
    CADENCE.value: _set_cadence,
    APPROVE.value: _approve,
    BEGIN_TRACK.value: _begin_track,
    STRIKE.value: _start_heel_strike,
    STRIKE_END.value: _end_heel_strike,
    COUNT.value: _count_run,
    REACHED.value: _called,
}
