"""Everything survives JSON; what does not fit is refused by its path."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from challenge.protocol.decision import Decision
from challenge.protocol.entries import RunInput
from challenge.protocol.json_codec import Document
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Reason
from challenge.protocol.snapshot import (
    CadenceOverride,
    ComplaintInput,
    CorrectionInput,
    DoseOverride,
    FlagInput,
    FunctionTestInput,
    HeelStrikeInput,
    JointReport,
    PauseInput,
    PhaseInput,
    Snapshot,
)
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import (
    CadenceSource,
    ExerciseId,
    FlagKind,
    PauseReason,
    Phase,
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
        hand_doses=(DoseOverride(ExerciseId.SKIPPING, 3, at(START)),),
        approved=(ExerciseId.SPLIT_SQUAT_CALF_RAISE,),
        past=(first.past(),),
        long_runs_by_hand=("run-1",),
        joint_reports=(JointReport(Site.KNEE, START, 5),),
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
    assert whole.to_data()["schema"] == 1
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
    ("stored", "field", "said"),
    [
        ({"number": 1}, "schema", "must be 1, not None"),
        ({"schema": 2, "number": 1}, "schema", "must be 1, not 2"),
        ("[1]", "schema", "must be 1, not None"),
        ("{", "document", "must be JSON: Expecting property name"),
        (b"\xff", "document", "must be JSON: "),
        ({"schema": 1}, "Small", "is incomplete"),
        ({"schema": 1, "number": "1"}, "Small.number", "must be a int, not '1'"),
        ({"schema": 1, "number": True}, "Small.number", "must be a int, not True"),
        ({"schema": 1, "number": None}, "Small.number", "must be a int, not None"),
        ({"schema": 1, "number": 1, "color": 2}, "Small.color", "is not known"),
        ({"schema": 1, "number": 1, "name": 1.5}, "Small.name", "must be one of str, int, not 1.5"),
        ({"schema": 1, "number": 1, "pair": [1]}, "Small.pair", "must hold 2 values, not 1"),
        ({"schema": 1, "number": 1, "pair": [1, 2]}, "Small.pair[1]", "must be a str, not 2"),
        ({"schema": 1, "number": 1, "pair": 3}, "Small.pair", "must be a list, not 3"),
        ({"schema": 1, "number": 1, "many": [1, "x"]}, "Small.many[1]", "must be a int, not 'x'"),
        ({"schema": 1, "number": 1, "day": "May"}, "Small.day", "must be a date, not 'May'"),
        ({"schema": 1, "number": 1, "day": 5}, "Small.day", "must be a date, not 5"),
        ({"schema": 1, "number": 1, "site": "elbow"}, "Small.site", "must be a Site, not 'elbow'"),
        ({"schema": 1, "number": 1, "inner": 5}, "Small.inner", "must be an object, not 5"),
        ({"schema": 1, "number": 1, "inner": {"rule": "x"}}, "Small.inner.rule", "must be a Rule, not 'x'"),
    ],
)
def test_stored_data_that_does_not_fit_is_refused_by_its_path(stored: Any, field: str, said: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        Small.from_json(stored)
    assert refused.value.field == field
    assert refused.value.sentence.startswith(said)


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
    assert held.to_data() == {"schema": 1, "lone": {"word": "alone"}}
    assert Holder.from_json(held.to_json()) == held


def test_what_is_nothing_to_store_is_named() -> None:
    with pytest.raises(TypeError, match="complex is nothing that is stored"):
        Holder(Lone(1j)).to_json()  # type: ignore[arg-type]
