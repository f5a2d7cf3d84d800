"""The commands do what the jobs do, and the replay proves what was sent."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.core.management.base import handle_default_options

from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.decision import Decision
from challenge.protocol.long_run import limit_m
from challenge.protocol.parameters import Parameters
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.weekly import decide
from challenge.weekly import decide as weekly_decide
from challenge.weekly import engine_inputs
from challenge.weekly.actions import change_coming_week
from challenge.weekly.decide import decide_due
from tests.factories.log import log_run
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_deciding_at_a_moment_that_is_named(enrolled: Enrollment) -> None:
    assert "1 decided" in said("set_weekly_targets", "--at", "2026-01-05T06:00-06:00")
    assert WeeklyTarget.objects.get().at == SIX


def test_a_dry_run_says_and_writes_nothing(enrolled: Enrollment) -> None:
    told = said("set_weekly_targets", "--at", "2026-01-05T12:00+00:00", "--dry-run")
    assert f"runner {enrolled.pk}, week of 2026-01-05: active" in told
    assert not WeeklyTarget.objects.exists()
    assert not OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).exists()


def test_another_cohort_is_left_alone(enrolled: Enrollment) -> None:
    with pytest.raises(CommandError, match="no cohort nowhere"):
        said("set_weekly_targets", "--cohort", "nowhere")


@pytest.mark.parametrize("text", ["tomorrow", "2026-01-05T06:00"])
def test_a_moment_needs_a_zone(enrolled: Enrollment, text: str) -> None:
    with pytest.raises(CommandError):
        said("set_weekly_targets", "--at", text)


def test_delivering_sends_what_is_due(enrolled: Enrollment) -> None:
    decide_due(now=lambda: SIX)
    assert "sent" in said("deliver_mail", "--once")
    assert OutboxMessage.objects.filter(state=MessageState.QUEUED).count() == 0


@pytest.fixture
def three_weeks(enrolled: Enrollment, clinician: object) -> Enrollment:
    """A runner with a target who runs on it."""

    change_coming_week(
        enrollment=enrolled,
        week_starts_on=MONDAY,
        cadence_spm=160,
        reason="Start here.",
        by=clinician,  # type: ignore[arg-type]
        at=SIX - timedelta(days=1),
    )
    for week in range(3):
        decide_due(now=lambda week=week: SIX + timedelta(weeks=week))  # type: ignore[misc]
        for day in (1, 3, 5):
            log_run(enrolled, MONDAY + timedelta(weeks=week, days=day), cadence_spm=165)
    return enrolled


def test_a_replay_gives_exactly_what_was_sent(three_weeks: Enrollment) -> None:
    assert said("replay", three_weeks.cohort.slug) == "3 decisions recomputed, 0 differ.\n"


def test_a_week_decided_before_the_engine_knew_one_week_values_replays_as_stored(
    three_weeks: Enrollment,
) -> None:
    """Neither its input nor its reason names for how long the value was in force."""
    target = WeeklyTarget.objects.get(week=1)
    (hand,) = target.snapshot["hand_cadences"]
    assert hand.pop("one_week") is True
    facts = target.decision["cadence"]["reason"]["facts"]
    facts.remove(["one_week", True])
    again = decide(Snapshot.from_json(target.snapshot), Parameters.from_json(target.parameters))
    assert list(weekly_decide.differences(target.decision, again.to_data())) == []


def test_a_replay_finds_an_engine_that_decides_otherwise_today(
    three_weeks: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        weekly_decide,
        "decide",
        lambda snapshot, parameters: decide(snapshot, parameters.altered(cap_spm=165)),
    )
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("replay", three_weeks.cohort.slug, stdout=out)
    assert "cadence.target_spm: " in out.getvalue()


def test_altered_parameters_say_what_would_have_differed(three_weeks: Enrollment) -> None:
    told = said("replay", three_weeks.cohort.slug, "--set", "raise_percent=3")
    assert "cadence.target_spm" in told


def test_a_newer_engine_is_not_taken_for_the_altered_number(
    three_weeks: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def newer(snapshot: Snapshot, parameters: Parameters) -> Decision:
        return replace(decide(snapshot, parameters), engine_version="after the next")

    monkeypatch.setattr(weekly_decide, "decide", newer)
    assert "recomputed, 0 differ" in said("replay", three_weeks.cohort.slug, "--set", "review_percent=10")
    assert "cadence.target_spm" in said("replay", three_weeks.cohort.slug, "--set", "raise_percent=3")


def test_a_week_of_engine_version_3_replays_by_its_own_rules(
    three_weeks: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counted a run far beyond the limit immediately."""
    monkeypatch.setattr(engine_inputs, "ENGINE_VERSION", "3")
    monday = MONDAY + timedelta(weeks=3)
    log_run(three_weeks, monday - timedelta(days=2), distance_m=24_000, duration_s=9000, pain=7)
    decide_due(now=lambda: SIX + timedelta(weeks=3))
    target = WeeklyTarget.objects.get(week=4)
    assert (target.engine_version, target.decision["longest_run"]["limit_m"]) == ("3", limit_m(24_000))
    assert said("replay", three_weeks.cohort.slug) == "4 decisions recomputed, 0 differ.\n"


def test_a_parameter_that_does_not_exist_is_named(three_weeks: Enrollment) -> None:
    with pytest.raises(CommandError, match="is not a parameter"):
        said("replay", three_weeks.cohort.slug, "--set", "courage=3")


def test_the_shell_takes_an_altered_number_for_no_settings_module() -> None:
    parser = load_command_class("challenge", "replay").create_parser("manage.py", "replay")
    options = parser.parse_args(["first", "--set", "raise_percent=3", "--set", "cap_spm=170"])
    handle_default_options(options)
    assert (options.settings, options.altered) == (None, ["raise_percent=3", "cap_spm=170"])


@pytest.mark.parametrize("value", ["\u00b2", "--3", "1.5", ""])
def test_a_replay_refuses_what_is_no_whole_number(three_weeks: Enrollment, value: str) -> None:
    with pytest.raises(CommandError, match="whole number"):
        said("replay", three_weeks.cohort.slug, "--set", f"raise_percent={value}")
