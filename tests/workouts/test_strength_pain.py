"""The pain of a single set: folded away, never pre-filled, and never above what the session is judged by."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ExerciseId, FlagKind
from challenge.workouts import entry_revisions, privacy
from challenge.workouts.models import EntryRevision, StrengthSession, StrengthSet
from challenge.workouts.prescribed_sets import DoseProgress
from challenge.workouts.runner_log import LogSpan, logs_for_snapshot
from challenge.workouts.tags import set_pains
from challenge.workouts.views import strength
from tests.factories.log import DAY, evening, log_strength, sets_of
from tests.factories.weekly import make_target

RAISE = ExerciseId.HEAVY_CALF_RAISE


def painful_sets(*pains: int | None) -> Any:
    return [{**one, "pain": pain} for one, pain in zip(sets_of(RAISE, sets=len(pains)), pains, strict=True)]


@pytest.fixture
def first(phone: Client, enrollment: Enrollment) -> str:
    """The form name of the week's first exercise."""
    make_target(enrollment)
    name: str = phone.get("/log/strength/by-hand/").context["exercises"][0].prefix
    return name


def two_sets(name: str, *pains: str) -> dict[str, str]:
    done = {f"{name}-done_{n}": "on" for n in (1, 2)}
    return done | {f"{name}-pain_{n}": pain for n, pain in enumerate(pains, start=1)}


def test_nothing_is_filled_in(phone: Client, first: str) -> None:
    page = phone.get("/log/strength/by-hand/")
    fields = page.context["exercises"][0].pain_fields()
    assert [field.value() for field in fields] == [None] * len(fields)
    assert f'name="{first}-pain_1"' in page.content.decode()


def test_the_sessions_pain_is_that_of_its_worst_set(phone: Client, first: str) -> None:
    phone.post("/log/strength/", {"local_on": "2026-01-07"} | two_sets(first, "1", "3"))
    session = StrengthSession.objects.get()
    assert session.pain == 3
    assert list(session.sets.values_list("pain", flat=True)) == [1, 3]


def test_as_prescribed_keeps_the_pain_of_a_set(phone: Client, first: str) -> None:
    values = {"local_on": "2026-01-07", "pain": "3", "as_prescribed": "1", f"{first}-pain_2": "2"}
    phone.post("/log/strength/", values)
    assert StrengthSet.objects.get(pain__isnull=False).number == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"pain": "1"}, "One of the sets says 3."),
        ({"done_2": None}, "Check off set 2 as well, or clear its pain."),
        ({"pain_1": "eleven 🙂"}, "Tap a number from 0 to 10."),
        ({"pain_2": "5"}, "Where was it worst?"),
    ],
)
def test_what_does_not_fit_is_said_and_kept(
    phone: Client, first: str, changed: dict[str, str | None], sentence: str
) -> None:
    values: dict[str, Any] = {"local_on": "2026-01-07", "note": "kept"} | two_sets(first, "1", "3")
    for name, value in changed.items():
        key = name if name == "pain" else f"{first}-{name}"
        values[key] = value
    answer = phone.post("/log/strength/", {k: v for k, v in values.items() if v is not None})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "kept" in page
    assert not StrengthSession.objects.exists()


def test_without_any_pain_the_number_is_asked(phone: Client, first: str) -> None:
    answer = phone.post("/log/strength/", {"local_on": "2026-01-07"} | two_sets(first))
    assert "Tap a number. 0 is no pain." in answer.content.decode()


def test_a_red_set_reaches_the_engine_and_a_clinician(enrollment: Enrollment) -> None:
    session = log_strength(enrollment, sets=painful_sets(2, 7), pain=2, site="calf")
    assert session.pain == 7
    assert Flag.objects.get(kind=FlagKind.RED).facts["pain"] == 7
    span = LogSpan(DAY, DAY, as_of=evening(DAY))
    log = logs_for_snapshot({enrollment.pk: span})[enrollment.pk]
    assert log.strength[0].pain == 7


def test_correcting_a_set_keeps_its_history_and_raises_the_session(
    phone: Client, enrollment: Enrollment
) -> None:
    session = log_strength(enrollment, sets=painful_sets(1, None), pain=1)
    page = phone.get(f"/log/strength/{session.pk}/").content.decode()
    assert 'value="1" selected' in page
    values = {"local_on": "2026-01-06", "pain": "3"} | two_sets(RAISE.value, "1", "3")
    phone.post(f"/log/strength/{session.pk}/", values)
    session.refresh_from_db()
    assert session.pain == 3
    assert [r.values["sets"][1]["pain"] for r in EntryRevision.objects.order_by("number")] == [None, 3]
    assert "set 2 at 3" in phone.get(f"/log/strength/{session.pk}/").content.decode()


def test_the_pain_of_a_set_is_exported_and_kept_in_range(enrollment: Enrollment) -> None:
    session = log_strength(enrollment, sets=painful_sets(4), pain=4, site="calf")
    assert enrollment.seat.user is not None
    assert [one["pain"] for one in dict(privacy.export(enrollment.seat.user))["strengthset"]] == [4]
    with pytest.raises(IntegrityError, match="strength_set_pain_range"), transaction.atomic():
        session.sets.update(pain=11)


def test_a_form_kept_since_before_sets_had_a_pain_is_known_again(
    enrollment: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its history does not name the pain of a set."""
    now = entry_revisions.revision_values

    def without_pain(entry: Any) -> dict[str, Any]:
        said = now(entry)
        said["sets"] = [{name: one[name] for name in one if name != "pain"} for one in said["sets"]]
        return said

    with monkeypatch.context() as before:
        before.setattr(entry_revisions, "revision_values", without_pain)
        session = log_strength(enrollment)
    again = log_strength(enrollment, key=session.key, sets=painful_sets(None, None, None))
    assert again.pk == session.pk


def test_a_clinician_sees_which_set_hurt(enrollment: Enrollment) -> None:
    session = log_strength(enrollment, sets=painful_sets(None, 3), pain=3)
    assert set_pains(session.sets.all()) == f"{RAISE.label}: set 2 at 3"


def test_a_red_session_of_today_is_answered_in_red_and_asks_for_no_more(
    phone: Client, enrollment: Enrollment
) -> None:
    make_target(enrollment)
    calm = log_strength(enrollment, date(2026, 1, 7))
    assert "What it did for your next dose" in phone.get(f"/log/strength/done/{calm.pk}/").content.decode()
    red = log_strength(enrollment, date(2026, 1, 7), pain=7, site="calf")
    page = phone.get(f"/log/strength/done/{red.pk}/").content.decode()
    assert "7 out of 10 is red: your calf" in page
    assert "next dose" not in page
    assert "Add load" not in page


def test_what_is_at_the_top_of_its_ladder_is_said_once(
    phone: Client, enrollment: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [DoseProgress("Calf raise", 3, 3, ""), DoseProgress("Arch raise", 0, 3, "")]
    monkeypatch.setattr(strength, "dose_progress", lambda *_, **__: lines)
    session = log_strength(enrollment, date(2026, 1, 7))
    page = phone.get(f"/log/strength/done/{session.pk}/").content.decode()
    assert "<strong>Calf raise, Arch raise</strong>" in page
    assert page.count("This is the hardest step there is") == 1
