"""Sentences take the numbers of the method from facts: move a parameter, and no sentence keeps the old number."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from challenge.protocol.catalog.plan import CATALOG, HEAVY_IN_POWER, HEAVY_IN_STRENGTHEN, HEAVY_REPS
from challenge.protocol.pain import PainReport, judge_pain
from challenge.protocol.parameters import CLINIC, Parameters, parameter_infos
from challenge.protocol.reading_hours import CALLS, DEADLINE, READS
from challenge.protocol.reasons import STATED_PARAMETERS, Reason, reason_for
from challenge.protocol.rulebook import RULEBOOK
from challenge.protocol.sentences.facts import distance
from challenge.protocol.sentences.stop import EMERGENCY
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import ReportKind, Rule
from challenge.protocol.weekly import decide
from challenge.protocol.wording import count_in_words, days_in_words, in_words, share, times
from tests.protocol.single_runs import run_warnings
from tests.protocol.spoken import SAID
from tests.protocol.story import START, intake, miles, run

WORDS = "two|three|four|five|six|seven|eight|nine|ten|half|third|fifth|tenth|twice|double"
NUMBER = re.compile(rf"\d+(?:\.\d+)?|\b(?:{WORDS})\b", re.IGNORECASE)

# What no parameter moves: what studies found, tips and rules of thumb, the hours of the clinic.
FIXED = re.compile(
    "|".join(
        [
            *map(re.escape, (READS, CALLS, DEADLINE, EMERGENCY)),
            r"[Pp]hases? \d(?:-\d)?",
            r"\d+-\d+% longer \(BJSM[^)]*\)",
            r"more than double \(BJSM[^)]*\)",
            r"(?:was )more than (?:twice|30% longer)",
            r"tested 10% above and 10% below",
            r"(?:Heiderscheit|Nielsen|Barton) \d{4}",
            "takes about a fifth of the load off each footfall",
            "one minute out of every five",
            re.escape(f"{HEAVY_REPS} repetitions"),
            re.escape(f"heavy work kept {HEAVY_IN_POWER} a week"),
        ]
    )
)
MOVES = [
    (name, value)
    for name, info in parameter_infos().items()
    for value in (getattr(CLINIC, name) - 1, getattr(CLINIC, name) + 1)
    if info.span[0] <= value <= info.span[1]
]
SNAPSHOTS = [
    Snapshot.from_json(stored["snapshot"])
    for stored in json.loads((Path(__file__).parent / "data" / "schema_1.json").read_text())
]


def numbers(text: str) -> set[str]:
    return {number.lower() for number in NUMBER.findall(FIXED.sub("", text))}


def said_with(value: int) -> set[str]:
    """Every way in which a sentence may write one fact."""
    written = [
        str(value),
        in_words(value),
        times(value),
        count_in_words(value, ""),
        f"{(100 + value) / 100:.2f}",
    ]
    written += [str(value - 100), share(value - 100), share(value), days_in_words(value)]
    written += [distance(value), distance(value, kilometers=True)]
    return {number.lower() for text in written for number in NUMBER.findall(text)}


def unexplained(reason: Reason) -> set[str]:
    """Numbers in the reason's sentences that none of its facts account for."""
    explained: set[str] = set()
    for _, fact in reason.facts:
        explained |= said_with(fact) if isinstance(fact, int) else numbers(str(fact))
    sentences = (reason.say(), reason.say(kilometers=True))
    texts = [text for three in sentences for text in (three.runner, three.clinician, three.email)]
    return {number for text in texts for number in numbers(text)} - explained


def reasons_in(value: Any) -> Iterator[Reason]:
    if isinstance(value, Reason):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from reasons_in(item)
    elif is_dataclass(value):
        for entry in fields(value):
            yield from reasons_in(getattr(value, entry.name))


def moved(reason: Reason, parameters: Parameters) -> Reason:
    stated = STATED_PARAMETERS.get(reason.rule, ())
    own = {name: fact for name, fact in reason.facts if name not in stated}
    return reason_for(reason.rule, parameters, **own)


@pytest.mark.parametrize("reason", [reason for reason, *_ in SAID], ids=lambda reason: str(reason.rule))
def test_every_number_in_a_sentence_comes_from_a_fact(reason: Reason) -> None:
    assert unexplained(reason) == set()


@pytest.mark.parametrize(("name", "value"), MOVES)
def test_no_sentence_keeps_the_old_number_of_a_moved_parameter(name: str, value: int) -> None:
    parameters = CLINIC.altered(**{name: value})
    changed: dict[Rule, bool] = {}
    for reason, *_ in SAID:
        again = moved(reason, parameters)
        assert unexplained(again) == set(), again.say()
        changed[reason.rule] = changed.get(reason.rule, False) or again.say() != moved(reason, CLINIC).say()
    assert {rule for rule, different in changed.items() if different} == {
        rule for rule, names in STATED_PARAMETERS.items() if name in names
    }


@pytest.mark.parametrize(("name", "value"), MOVES)
def test_decisions_and_warnings_state_the_parameters_in_force(name: str, value: int) -> None:
    parameters = CLINIC.altered(**{name: value})
    morning = PainReport(ReportKind.MORNING, 9, baseline=1)
    long = run(START, distance=30, key="long")
    made: list[Any] = [decide(snapshot, parameters) for snapshot in SNAPSHOTS]
    made += [judge_pain(morning, parameters)]
    made += [run_warnings(long, (), (), intake(longest_run_m=miles(5)), START, parameters)]
    for reason in reasons_in(tuple(made)):
        for stated in STATED_PARAMETERS.get(reason.rule, ()):
            assert reason.fact(stated) == getattr(parameters, stated)
        assert unexplained(reason) == set(), reason


def test_what_is_missing_for_a_phase_states_the_days_in_force() -> None:
    snapshot = next(s for s in SNAPSHOTS if s.runs and s.week_number > 3)
    for days in (28, 29):
        decision = decide(snapshot, CLINIC.altered(heavy_within_days=days))
        for missing in decision.phase.missing:
            if "heavy" in missing.what:
                assert missing.what == f"heavy sessions in the last {days} days"


PLAN_NUMBERS = {*numbers(HEAVY_REPS), str(HEAVY_IN_STRENGTHEN)}
IN_THE_RULEBOOK = {
    Rule.CADENCE_RAISE: {"1"},  # week 1
    Rule.DECISION_BY_HAND: {"120", "180"},
    Rule.EXERCISE_TRACK: {"45", "2019", "2024", "2008"},
    Rule.EXERCISE_CONTENT: {"1", "2", "3"},
    Rule.LOAD_LONG_RUN: {"half"},
    Rule.PAIN_STOP: {"911"},
}


@pytest.mark.parametrize("rule", Rule)
def test_the_rulebook_takes_its_numbers_from_parameters(rule: Rule) -> None:
    """Only phases, the plan and the bounds of a clinician's own number are not parameters."""
    assert (
        numbers(re.sub(r"\{\w+\}", "", RULEBOOK[rule].says)) - IN_THE_RULEBOOK.get(rule, set())
        <= PLAN_NUMBERS
    )


@pytest.mark.parametrize("exercise", CATALOG.values(), ids=lambda exercise: str(exercise.id))
def test_an_exercise_speaks_of_its_own_seconds(exercise: Any) -> None:
    tempo = exercise.tempo
    seconds = {tempo.up_s, tempo.hold_s, tempo.down_s, *(dose.seconds for dose in exercise.ladder)} - {
        None,
        0,
    }
    own = {str(number) for number in seconds} | {in_words(number) for number in seconds}
    texts = " ".join([exercise.standard.name, exercise.standard.how, *exercise.steps]).lower()
    assert set(re.findall(r"(\w+) seconds", texts)) - {"not"} <= own
