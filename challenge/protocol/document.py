"""Write the method as a page, from the rules, parameters, phases and exercises themselves.

`python -m challenge.protocol.document > docs/protocol.md` writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from challenge.protocol.catalog.form import Exercise, ExerciseVariant
from challenge.protocol.catalog.plan import ALTERNATIVES, CATALOG, PLAN, TRACK_PLAN, Place
from challenge.protocol.parameters import CLINIC, ENGINE_VERSION, Parameters, parameter_infos
from challenge.protocol.phases import MOVES
from challenge.protocol.rulebook import RULEBOOK
from challenge.protocol.vocabulary import FormKind, Phase

_TITLES = {
    "cadence": "Cadence",
    "phase": "Phases",
    "exercise": "Exercises and doses",
    "complaint": "Complaints",
    "pain": "Pain",
    "load": "Load",
    "strike": "Heel strike, for a while",
    "decision": "The weekly decision",
    "challenge": "The end of the challenge",
}


def text(parameters: Parameters = CLINIC) -> str:
    """Return the whole document as Markdown."""
    parts = [_opening(parameters), *(_rules(group, parameters) for group in _TITLES)]
    return "\n".join(
        [*parts, _diagram(), _plan(), _tracks(parameters), _exercises(), _parameters(parameters)]
    )


def _opening(parameters: Parameters) -> str:
    return f"""# The method, as the engine carries it out

This page is made from the code; a test fails when they differ. Engine version {ENGINE_VERSION}, parameters
{parameters.version}. Every decision records both.

**clinic**: the clinic's own published method. **evidence**: a published study, named. **default**: the program's own
choice where the clinic's method says nothing, one named parameter each. Every rule has three sentences, for the
runner's page, the clinician and the email; the email never speaks of pain. Weeks are the runner's own local Monday to
Sunday.
"""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rules(group: str, parameters: Parameters) -> str:
    rows = [
        (f"`{rule}`", entry.with_numbers(parameters), entry.status.value, entry.source)
        for rule, entry in RULEBOOK.items()
        if rule.partition(".")[0] == group
    ]
    return f"## {_TITLES[group]}\n\n{_table(('rule', 'says', 'status', 'source'), rows)}"


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR"]
    lines += [f'    state "{phase.value} {phase.label}" as phase{phase.value}' for phase in Phase]
    lines.append("    [*] --> phase1")
    for move in MOVES:
        rules = ", ".join(move.rules)
        lines.append(f"    phase{move.origin.value} --> phase{move.to.value}: {rules}")
    lines.append("```")
    legend = (
        "The engine proposes along these arrows; a clinician decides. A stop flag blocks the way forward."
    )
    return "## The phase diagram\n\n" + legend + "\n\n" + "\n".join(lines) + "\n"


def _plan() -> str:
    rows = [
        (
            f"{phase.value} {phase.label}",
            CATALOG[place.exercise].name,
            str(place.sessions_per_week),
            _only(place),
        )
        for phase, places in PLAN.items()
        for place in places
    ]
    return "## What each phase holds\n\n" + _table(("phase", "exercise", "sessions a week", "note"), rows)


def _only(place: Place) -> str:
    screened = "only with collapsing arches or shoes that tilt inward" if place.screened else ""
    easier = "easier form" if place.form is FormKind.EASIER else ""
    cut = ""
    if place.stays_beside is not None:
        more = place.stays_beside + 1
        cut = f"dropped when {f'{more} or more tracks add' if more > 1 else 'a track adds'} exercises"
    return ", ".join(note for note in (easier, screened, cut) if note)


def _tracks(parameters: Parameters) -> str:
    rows = [
        (
            site.label,
            f"{phase.value} {phase.label}",
            CATALOG[place.exercise].name,
            str(place.sessions_per_week),
            _swap(place),
        )
        for site, phases in TRACK_PLAN.items()
        for phase, places in phases.items()
        for place in places
    ]
    says = (
        "What a present complaint adds to the basic plan, once a clinician has approved it. All of it is a default "
        "until the clinic confirms it. The basic plan is cut so that a session stays under "
        f"{parameters.longest_session_minutes} minutes; of several tracks each brings its first exercise only."
    )
    table = _table(("complaint", "phase", "exercise", "sessions a week", "a clinician may swap in"), rows)
    return f"## Tracks by site\n\n{says}\n\n{table}"


def _swap(place: Place) -> str:
    return ", ".join(
        CATALOG[other].name for other, planned in ALTERNATIVES.items() if planned is place.exercise
    )


def _exercises() -> str:
    head = (
        "exercise",
        "dose",
        "tempo up-hold-down",
        "forms: standard, easier, harder, flat (sites they load)",
        "what to avoid",
        "status",
    )
    rows = [_exercise(exercise) for exercise in CATALOG.values()]
    return "## Exercise catalog\n\n" + _table(head, rows)


def _exercise(exercise: Exercise) -> tuple[str, ...]:
    tempo = exercise.tempo
    all_forms = (exercise.standard, exercise.easier, exercise.harder, exercise.flat)
    forms = "; ".join(_form(form) for form in all_forms if form is not None)
    pace = f"{tempo.up_s}-{tempo.hold_s}-{tempo.down_s} s" if tempo.up_s or tempo.hold_s else exercise.pace
    status = "clinic" if exercise.confirmed else "default until the clinic confirms"
    return f"**{exercise.name}** (`{exercise.id}`)", exercise.dose_range, pace, forms, exercise.never, status


def _form(form: ExerciseVariant) -> str:
    each = f", each {form.each}" if form.each else ""
    return f"{form.name} ({', '.join(site.label.lower() for site in form.loads)}{each})"


def _parameters(parameters: Parameters) -> str:
    rows = [
        (f"`{name}`", str(getattr(parameters, name)), info.unit, info.says, info.status.value, info.source)
        for name, info in parameter_infos().items()
    ]
    return "## Parameters\n\n" + _table(("name", "value", "unit", "meaning", "status", "source"), rows)


if __name__ == "__main__":  # pragma: no cover - writes the file; the text is what is tested
    sys.stdout.write(text())
