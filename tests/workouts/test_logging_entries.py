"""What logging keeps, once, with its history, and judges at once."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from challenge.care.models import Flag
from challenge.care.stop import open_stop
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ExerciseId, FlagKind, Symptom
from challenge.workouts import actions, queries
from challenge.workouts.actions import AlreadyAnswered, EntryGone
from challenge.workouts.models import AnyEntry, EntryRevision, Run, StrengthSession, entry_values
from challenge.workouts.runner_log import LogSpan, logs_for_snapshot
from tests.factories.cohorts import enroll
from tests.factories.log import DAY, evening, log_morning, log_run, log_strength, sets_of


def test_a_form_sent_twice_is_one_run(enrollment: Enrollment) -> None:
    key = uuid.uuid4()
    first = log_run(enrollment, key=key)
    actions.change_entry(entry=first, values={"distance_m": 5100}, by=None, at=evening(DAY))
    again = log_run(enrollment, key=key)
    assert (again.pk, again.distance_m) == (first.pk, 5100)
    assert Run.objects.count() == 1


def test_a_session_sent_twice_is_one_session(enrollment: Enrollment) -> None:
    key = uuid.uuid4()
    assert log_strength(enrollment, key=key).pk == log_strength(enrollment, key=key).pk
    other = log_strength(enrollment, key=key, sets=sets_of(ExerciseId.ARCH_RAISE))
    assert StrengthSession.objects.count() == 2
    assert other.sets.count() == 3


def test_going_back_and_typing_another_run_loses_neither(enrollment: Enrollment) -> None:
    values: dict[str, Any] = {
        "enrollment": enrollment,
        "key": uuid.uuid4(),
        "local_on": DAY,
        "duration_s": 1800,
        "by": None,
        "at": evening(DAY),
    }
    first = actions.log_run(**values, distance_m=5000)
    other = actions.log_run(**values, distance_m=6000)
    again = actions.log_run(**values, distance_m=6000)
    assert (first.another, other.another, other.created) == (False, True, True)
    assert (again.entry, again.created) == (other.entry, False)
    assert Run.objects.count() == 2


def test_a_form_sent_again_after_an_upgrade_with_a_new_column_is_the_same_entry(
    enrollment: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first version of an entry lacks columns that came later."""
    older = entry_values

    def without_walk_breaks(entry: AnyEntry) -> dict[str, Any]:
        return {name: value for name, value in older(entry).items() if name != "walk_breaks"}

    key = uuid.uuid4()
    with monkeypatch.context() as patched:
        patched.setattr("challenge.workouts.entry_revisions.entry_values", without_walk_breaks)
        first = log_run(enrollment, key=key)
    assert "walk_breaks" not in EntryRevision.objects.get(entry_id=first.pk, number=1).values
    assert log_run(enrollment, key=key).pk == first.pk
    assert log_run(enrollment, key=key, walk_breaks=True).pk != first.pk


def test_the_same_key_of_another_runner_is_another_entry(enrollment: Enrollment) -> None:
    key = uuid.uuid4()
    assert log_run(enrollment, key=key).pk != log_run(enroll(), key=key).pk


def test_a_form_that_raised_a_stop_answers_with_it_again(enrollment: Enrollment) -> None:
    values: dict[str, Any] = {
        "enrollment": enrollment,
        "key": uuid.uuid4(),
        "local_on": DAY,
        "distance_m": 5000,
        "duration_s": 1800,
        "by": None,
        "at": evening(DAY),
        "symptoms": ["pop"],
    }
    first, again = actions.log_run(**values), actions.log_run(**values)
    assert first.stop == again.stop
    assert first.stop is not None


def test_stop_symptoms_open_a_stop_flag_and_ask_symptoms_a_question(enrollment: Enrollment) -> None:
    log_run(enrollment, symptoms=["limp", "pop", "night_pain"])
    kinds = {flag.kind: flag.facts["symptoms"] for flag in Flag.objects.filter(enrollment=enrollment)}
    assert kinds == {"stop": ["limp", "pop"], "ask": ["night_pain"]}
    stop = open_stop(enrollment)
    assert stop is not None
    assert stop.symptoms == (Symptom.POP, Symptom.LIMP)


def test_pain_alone_stops_no_one_and_red_pain_is_seen_by_a_clinician(enrollment: Enrollment) -> None:
    log_run(enrollment, pain=5, site="achilles", side="left")
    assert not Flag.objects.exists()
    log_run(enrollment, pain=9, site="achilles", side="left")
    assert list(Flag.objects.values_list("kind", flat=True)) == [FlagKind.RED]


def test_a_symptom_added_later_is_judged_when_it_is_added(enrollment: Enrollment) -> None:
    run = log_run(enrollment, symptoms=["night_pain"])
    changed = actions.change_entry(
        entry=run, values={"symptoms": ["night_pain", "pop"]}, by=None, at=evening(DAY)
    )
    assert changed.stop is not None
    assert changed.ask is None
    assert changed.stop.source == f"run:{run.pk}:2"


def test_changes_and_deletions_keep_what_was_said_before(enrollment: Enrollment) -> None:
    run = log_run(enrollment)
    actions.change_entry(entry=run, values={"distance_m": 5100}, by=None, at=evening(DAY))
    actions.change_entry(entry=run, values={"distance_m": 5100}, by=None, at=evening(DAY))
    actions.delete_entry(entry=run, by=None, at=evening(DAY))
    actions.delete_entry(entry=run, by=None, at=evening(DAY))
    told = queries.revisions(enrollment, kind="run", entry_id=run.pk)
    assert [(r.change, r.values["distance_m"]) for r in told] == [
        ("logged", 5000),
        ("changed", 5100),
        ("deleted", 5100),
    ]
    assert not queries.runs(enrollment).exists()


def test_a_deleted_entry_is_not_changed(enrollment: Enrollment) -> None:
    run = log_run(enrollment)
    actions.delete_entry(entry=run, by=None, at=evening(DAY))
    with pytest.raises(EntryGone):
        actions.change_entry(entry=run, values={"distance_m": 1}, by=None, at=evening(DAY))


def test_the_history_of_an_entry_cannot_be_rewritten(enrollment: Enrollment) -> None:
    log_run(enrollment)
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryRevision.objects.update(change="deleted")


def test_a_morning_is_told_once_a_day(enrollment: Enrollment) -> None:
    first = log_morning(enrollment)
    with pytest.raises(AlreadyAnswered) as said:
        log_morning(enrollment)
    assert said.value.entry == first


def test_a_changed_session_has_its_new_sets(enrollment: Enrollment) -> None:
    session = log_strength(enrollment)
    actions.change_entry(
        entry=session,
        values={},
        sets=sets_of(ExerciseId.ARCH_RAISE, sets=2),
        by=None,
        at=evening(DAY),
    )
    kept = StrengthSession.objects.get(pk=session.pk)
    assert [s.exercise for s in kept.sets.all()] == ["arch_raise", "arch_raise"]
    assert EntryRevision.objects.filter(kind="strength").count() == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [("distance_m", 0), ("distance_m", 300_001), ("duration_s", 0), ("cadence_spm", 59), ("pain", 11)],
)
def test_the_database_refuses_what_the_method_cannot_take(
    enrollment: Enrollment, column: str, value: int
) -> None:
    run = log_run(enrollment)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(**{column: value})


def test_the_snapshot_of_a_log_holds_what_was_known_then(enrollment: Enrollment) -> None:
    known = log_run(enrollment, symptoms=["night_pain"], pain=4, site="calf", side="left")
    log_run(enrollment, at=datetime(2026, 1, 9, tzinfo=UTC))
    log_run(enrollment, on=date(2025, 12, 1))
    log_strength(enrollment, sets=sets_of(ExerciseId.HEAVY_CALF_RAISE, load_g=20_000))
    log_morning(enrollment)
    actions.log_daily_life(
        enrollment=enrollment,
        key=uuid.uuid4(),
        week_starts_on=date(2026, 1, 5),
        local_on=DAY,
        pain=2,
        by=None,
        at=evening(DAY),
    )
    span = LogSpan(date(2026, 1, 1), date(2026, 1, 31), as_of=datetime(2026, 1, 8, tzinfo=UTC))
    log = logs_for_snapshot({enrollment.pk: span})[enrollment.pk]
    assert [run.key for run in log.runs] == [f"run:{known.pk}"]
    assert [(d.sets, d.reps, d.load_g) for d in log.strength[0].done] == [(3, 8, 20_000)]
    assert len(log.mornings) == len(log.daily_life) == 1
    assert log.nothing_weeks == ()


def test_days_are_read_in_one_query(enrollment: Enrollment) -> None:
    log_run(enrollment)
    log_strength(enrollment)
    log_morning(enrollment, on=date(2026, 1, 7))
    with connection.execute_wrapper(_counted := _Counter()):
        days = queries.days_between(enrollment, first=date(2026, 1, 5), last=date(2026, 1, 11))
    assert [(day.kind, day.distance_m) for day in days] == [
        ("run", 5000),
        ("strength", None),
        ("morning", None),
    ]
    assert _counted.queries == 1


class _Counter:
    queries = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


def test_the_morning_after_is_asked_while_it_is_remembered() -> None:
    monday, tuesday, friday = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 9)
    assert queries.missed_morning({monday}, set(), today=tuesday) == tuesday
    assert queries.missed_morning({monday}, {tuesday}, today=tuesday) is None
    assert queries.missed_morning({tuesday}, set(), today=tuesday) is None
    assert queries.missed_morning({monday}, set(), today=friday) is None
