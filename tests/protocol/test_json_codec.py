"""Everything survives JSON; what does not fit is refused by its path."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from challenge.protocol.decision import Decision
from challenge.protocol.entries import RunInput
from challenge.protocol.json_codec import SCHEMA, UPCASTERS, Document
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Reason
from challenge.protocol.snapshot import (
    CadenceOverride,
    ComplaintDismissal,
    ComplaintInput,
    ComplaintRecord,
    CorrectionInput,
    DoseOverride,
    FlagInput,
    FunctionTestInput,
    HeelStrikeInput,
    JointReport,
    PauseInput,
    PhaseInput,
    PlanChange,
    Snapshot,
)
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import (
    CadenceSource,
    ComplaintKind,
    ComplaintStatus,
    ExerciseId,
    FlagKind,
    PauseReason,
    Phase,
    PlanChangeKind,
    Side,
    Site,
    Symptom,
    Term,
    TestKind,
)
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, daily, intake, monday, morning, run, snapshot, strength

DAY = timedelta(days=1)


def test_documents_from_before_version_4_name_no_engine_and_replay_by_version_3() -> None:
    data = snapshot(1).to_data()
    del data["engine_version"]
    assert decide(Snapshot.from_json(data)).engine_version == "3"
    with pytest.raises(ProtocolError) as refused:
        Snapshot.from_json({**data, "engine_version": "5"})
    assert (refused.value.field, refused.value.sentence) == (
        "snapshot.engine_version",
        "must be one of 3, 4, not '5'",
    )


def everything() -> Snapshot:
    """A snapshot with something in every field."""
    full = run(
        START,
        165,
        started_at=at(START, 7),
        running_s=900,
        hills=True,
        pain=4,
        site=Site.ACHILLES,
        side=Side.LEFT,
        symptoms=(Symptom.NIGHT_PAIN,),
        walk_breaks=True,
        cadence_source=CadenceSource.FILE,
    )
    first = decide(snapshot(1, intake=intake(complaints=(ComplaintInput(Site.KNEE, Side.BOTH),))))
    return snapshot(
        2,
        intake=intake(
            complaints=(ComplaintInput(Site.KNEE, Side.BOTH), ComplaintInput(Site.HIP, present=False)),
            pain_now=2,
        ),
        runs=(full, run(START + DAY)),
        strength=(strength(START, ExerciseId.SKIPPING, load_g=500),),
        mornings=(morning(START + DAY, 1, stiffness_min=10),),
        daily_life=(daily(START + DAY, 2),),
        nothing_weeks=(START,),
        pauses=(PauseInput(START, START + DAY, PauseReason.LIFE),),
        withdrawn_on=monday(9),
        flags=(FlagInput(FlagKind.ASK, START, Symptom.REST_PAIN),),
        phases=(PhaseInput(Phase.STRENGTHEN, monday(2)), PhaseInput(Phase.SETTLE, START)),
        strike_spells=(HeelStrikeInput(START, return_on=START + DAY),),
        tests=(FunctionTestInput(TestKind.HOP, START, tested=False),),
        hand_cadences=(CadenceOverride(166, at(START), at(START + DAY), one_week=True),),
        hand_doses=(
            DoseOverride(ExerciseId.SKIPPING, 3, at(START), load_g=5000, up_s=3, hold_s=1, down_s=4),
        ),
        approved=(ExerciseId.SPLIT_SQUAT_CALF_RAISE,),
        complaints=(
            ComplaintRecord("c2", Site.KNEE, ComplaintStatus.PAST, START, START + DAY, Side.LEFT),
            ComplaintRecord(
                "c1",
                Site.ACHILLES,
                ComplaintStatus.PRESENT,
                START,
                START,
                kind=ComplaintKind.INSERTIONAL,
                track_approved=True,
            ),
        ),
        dismissals=(ComplaintDismissal(Site.HIP, None, at(START)),),
        plan_changes=(
            PlanChange(
                PlanChangeKind.SWAP,
                ExerciseId.POGO_HOPS,
                at(START),
                replacement=ExerciseId.SKIPPING,
                ended_at=at(START + DAY),
            ),
        ),
        stops_closed_on=(START + DAY, START),
        past=(first.past(),),
        long_runs_by_hand=("run-1",),
        joint_reports=(JointReport(Site.KNEE, START, 5, Side.LEFT, at(START, 20)),),
        corrections=(CorrectionInput("run-1", at(START, 9), 3, (Symptom.LIMP,)),),
    )


@pytest.mark.parametrize(
    "whole", [everything(), decide(everything()), CLINIC], ids=lambda w: type(w).__name__
)
def test_everything_survives_json_text_and_data(whole: Any) -> None:
    kind = type(whole)
    assert kind.from_json(whole.to_json()) == whole
    assert kind.from_json(whole.to_json().encode()) == whole
    assert kind.from_json(json.loads(json.dumps(whole.to_data()))) == whole
    assert kind.from_json(whole.to_json()).to_json() == whole.to_json()
    assert whole.to_data()["schema"] == SCHEMA
    assert json.loads(whole.to_json()) == whole.to_data()


def test_json_text_is_canonical_and_keeps_letters() -> None:
    text = replace(CLINIC, version="für").to_json()
    assert '"version":"für"' in text
    assert ": " not in text
    assert list(json.loads(text)) == sorted(json.loads(text))


@dataclass(frozen=True)
class Small(Document):
    number: int
    name: str | int = "a"
    pair: tuple[int, str] = (1, "b")
    day: date | None = None
    site: Site | None = None
    many: tuple[int, ...] = ()
    inner: Reason | None = None


@pytest.mark.parametrize(
    ("stored", "field", "sentence"),
    [
        ({"number": 1}, "schema", "must be 1 to 2, not None"),
        ({"schema": 3, "number": 1}, "schema", "must be 1 to 2, not 3"),
        ({"schema": 0, "number": 1}, "schema", "must be 1 to 2, not 0"),
        ({"schema": True, "number": 1}, "schema", "must be 1 to 2, not True"),
        ("[1]", "schema", "must be 1 to 2, not None"),
        ("{", "document", "must be JSON: Input data was truncated"),
        (b"\xff", "document", "must be JSON: "),
        ({"schema": 2}, "Small", "does not fit: Object missing required field `number`"),
        ({"schema": 2, "number": "1"}, "Small.number", "does not fit: Expected `int`, got `str`"),
        ({"schema": 2, "number": True}, "Small.number", "does not fit: Expected `int`, got `bool`"),
        ({"schema": 2, "number": None}, "Small.number", "does not fit: Expected `int`, got `null`"),
        ({"schema": 2, "number": 1, "z": 2, "color": 2}, "Small.color", "is not known"),
        (
            {"schema": 2, "number": 1, "name": 1.5},
            "Small.name",
            "does not fit: Expected `int | str`, got `float`",
        ),
        (
            {"schema": 2, "number": 1, "pair": [1]},
            "Small.pair",
            "does not fit: Expected `array` of length 2, got 1",
        ),
        (
            {"schema": 2, "number": 1, "pair": [1, 2]},
            "Small.pair[1]",
            "does not fit: Expected `str`, got `int`",
        ),
        ({"schema": 2, "number": 1, "pair": 3}, "Small.pair", "does not fit: Expected `array`, got `int`"),
        (
            {"schema": 2, "number": 1, "many": [1, "x"]},
            "Small.many[1]",
            "does not fit: Expected `int`, got `str`",
        ),
        ({"schema": 2, "number": 1, "day": "May"}, "Small.day", "does not fit: Invalid RFC3339 encoded date"),
        (
            {"schema": 2, "number": 1, "day": 5},
            "Small.day",
            "does not fit: Expected `date | null`, got `int`",
        ),
        (
            {"schema": 2, "number": 1, "site": "elbow"},
            "Small.site",
            "does not fit: Invalid enum value 'elbow'",
        ),
        (
            {"schema": 2, "number": 1, "inner": 5},
            "Small.inner",
            "does not fit: Expected `object | null`, got `int`",
        ),
        (
            {"schema": 2, "number": 1, "inner": {"rule": "x"}},
            "Small.inner.rule",
            "does not fit: Invalid enum value 'x'",
        ),
    ],
)
def test_stored_data_that_does_not_fit_is_refused_by_its_path(stored: Any, field: str, sentence: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        Small.from_json(stored)
    assert refused.value.field == field
    assert refused.value.sentence.startswith(sentence)


def test_stored_data_with_an_impossible_value_is_refused_like_a_new_one() -> None:
    stored = everything().to_data()
    stored["runs"][0]["distance_m"] = -5
    with pytest.raises(ProtocolError) as refused:
        Snapshot.from_json(stored)
    assert refused.value.field == "run.distance_m"


def test_a_decision_stored_years_ago_replays_to_itself() -> None:
    s = everything()
    stored, parameters = decide(s).to_json(), CLINIC.to_json()
    again = decide(Snapshot.from_json(s.to_json()), Parameters.from_json(parameters))
    assert again.to_json() == stored
    assert Decision.from_json(stored) == again


def test_a_moment_keeps_its_offset() -> None:
    zone = datetime(2026, 1, 5, 6, tzinfo=UTC).astimezone()
    made = replace(run(START), logged_at=zone)
    assert RunInput(**{**{f: getattr(made, f) for f in made.__slots__}, "logged_at": zone}) == made


def test_terms_have_labels_and_choices_for_forms() -> None:
    assert Site.ACHILLES.label == "Achilles tendon"
    assert Site.KNEE.label == "Knee"
    assert ("inner_shin", "Inner side of the shin") in Site.choices()
    assert Phase.choices() == [
        (1, "Pain modulation"),
        (2, "Heavy slow resistance"),
        (3, "Power and run-specific loading"),
    ]
    for kind in Term.__subclasses__():
        assert all(label and label[0].isupper() for _, label in kind.choices()), kind


@dataclass(frozen=True, slots=True)
class Lone:
    word: str


@dataclass(frozen=True)
class Holder(Document):
    lone: Lone


def test_a_part_with_a_single_field_is_a_part_like_the_others() -> None:
    held = Holder(Lone("alone"))
    assert held.to_data() == {"schema": 2, "lone": {"word": "alone"}}
    assert Holder.from_json(held.to_json()) == held


def test_a_value_without_json_is_refused() -> None:
    with pytest.raises(TypeError, match="complex"):
        Holder(Lone(1j)).to_json()  # type: ignore[arg-type]


SCHEMA_1 = json.loads((Path(__file__).parent / "data" / "schema_1.json").read_text())


@pytest.mark.parametrize("stored", SCHEMA_1, ids=lambda stored: stored["title"])
def test_documents_of_schema_1_are_read_and_replay_to_what_was_stored(stored: dict[str, Any]) -> None:
    """Invented runners, written by the code of the day: the shape of schema 1 is history and stays as it was."""
    assert stored["decision"]["schema"] == 1
    snapshot = Snapshot.from_json(stored["snapshot"])
    parameters = Parameters.from_json(stored["parameters"])
    decision = Decision.from_json(stored["decision"])
    assert decide(snapshot, parameters) == decision
    for document in (snapshot, parameters, decision):
        assert document.schema == SCHEMA
        assert type(document).from_json(document.to_json()) == document


def test_a_document_of_schema_1_states_the_numbers_it_was_decided_by() -> None:
    stored = {document["title"]: document["decision"] for document in SCHEMA_1}
    smaller = Decision.from_json(stored["steady, week 1, a smaller step"])
    assert "your starting cadence of 160, raised once by 4%" in smaller.cadence.reason.runner
    assert Decision.from_json(stored["steady, week 1"]).cadence.reason.fact("raise_percent") == 5


def test_every_step_of_the_schema_has_its_upcaster() -> None:
    assert sorted(UPCASTERS) == list(range(1, SCHEMA))
