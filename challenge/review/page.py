"""Everything one runner's page shows, in a constant number of queries."""

from datetime import date, timedelta
from typing import Any

from challenge.care.models import Flag, PhaseChange
from challenge.care.queries import hand_set_now, latest_targets, open_flags, pause_on, strike_spell_now
from challenge.enrollment.models import Enrollment
from challenge.intake.queries import intake_of
from challenge.mail.queries import readable
from challenge.protocol.decision import Decision
from challenge.review.forms import CloseFlagForm
from challenge.review.picture import Picture
from challenge.review.queries import words_of
from challenge.review.written import written
from challenge.workouts.models import ALIVE, EntryRevision, Morning, Run, StrengthSession

SHOWN_DAYS = 84
LISTED = 60


def page_of(enrollment: Enrollment, *, today: date, closing: dict[int, CloseFlagForm]) -> dict[str, Any]:
    """The context of the page; `closing` holds forms that came back with an error."""
    weeks = list(latest_targets(enrollment).select_related("message", "by"))
    changes = list(
        PhaseChange.objects.filter(enrollment=enrollment).select_related("by").order_by("-at", "-pk")
    )
    flags = list(open_flags(enrollment).select_related("taken_by"))
    since = today - timedelta(days=SHOWN_DAYS)
    runs = list(
        Run.objects.filter(ALIVE, enrollment=enrollment, local_on__gte=since).order_by("-local_on", "-pk")
    )
    sessions = list(
        StrengthSession.objects.filter(ALIVE, enrollment=enrollment, local_on__gte=since)
        .prefetch_related("sets")
        .order_by("-local_on", "-pk")
    )
    mornings = list(
        Morning.objects.filter(ALIVE, enrollment=enrollment, local_on__gte=since).order_by("-local_on")
    )
    newest = Decision.from_json(weeks[0].decision) if weeks else None
    last_change = changes[0].pk if changes else 0
    return {
        "enrollment": enrollment,
        "cohort": enrollment.cohort,
        "user_seen": enrollment.seat.user,
        "today": today,
        "phase": changes[0].to_phase if changes else 1,
        "decision": newest,
        "target": weeks[0] if weeks else None,
        "weeks": [(week, _why(week.decision)) for week in weeks],
        "changes": changes,
        "flags": [
            (
                flag,
                words_of(flag),
                closing.get(flag.pk) or CloseFlagForm(auto_id=f"flag-{flag.pk}-%s", label_suffix=""),
            )
            for flag in sorted(flags, key=lambda flag: flag.kind != Flag.Kind.STOP)
        ],
        "runs": runs[:LISTED],
        "sessions": sessions[:LISTED],
        "mornings": mornings[:LISTED],
        "edits": list(EntryRevision.objects.filter(enrollment=enrollment).order_by("-at")[:LISTED]),
        "picture": Picture(runs=runs, mornings=mornings, weeks=weeks, changes=changes, today=today),
        "intake": intake_of(enrollment),
        "hand_set": list(hand_set_now(enrollment).select_related("by")),
        "spell": strike_spell_now(enrollment),
        "pause": pause_on(enrollment, on=today),
        "written": written(enrollment),
        "emails": list(readable().filter(about=enrollment.about).order_by("-created_at")[:20]),
        "seen": _mark(weeks[0].pk if weeks else 0, last_change, [flag.pk for flag in flags]),
    }


def _mark(target: int, change: int, flags: list[int]) -> str:
    """The same words as `queries.page_mark`, from what is fetched already."""
    return f"{target}-{change}-{'.'.join(map(str, flags))}"


def _why(stored: dict[str, Any]) -> str:
    """The clinician's sentence of a stored decision's cadence."""
    return Decision.from_json(stored).cadence.reason.clinician if stored else ""
