"""Tracks by site: what a complaint brings beside the base, and how long a session with it takes."""

from dataclasses import dataclass, replace
from itertools import combinations

import pytest

from challenge.protocol.catalog.form import Dose, Exercise
from challenge.protocol.catalog.plan import ALTERNATIVES, CATALOG, PLAN, TRACK_PLAN, Place, places_of
from challenge.protocol.dose_text import (
    about_minutes,
    amount_text,
    dose_text,
    exercise_seconds,
    load_text,
    session_minutes,
    set_seconds,
    tempo_text,
)
from challenge.protocol.exercises import guarded_form, guide_path
from challenge.protocol.parameters import CLINIC
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind, Phase, Site
from challenge.protocol.wording import rest_in_words

RAISE, SEATED, ARCH = (
    ExerciseId.HEAVY_CALF_RAISE,
    ExerciseId.HEAVY_SEATED_CALF_RAISE,
    ExerciseId.ARCH_RAISE,
)
CHOICES = [choice for number in range(4) for choice in combinations(TRACK_PLAN, number)]
LONGEST_LADDER = max(len(exercise.ladder) for exercise in CATALOG.values())


@dataclass
class PlannedDose:
    exercise: ExerciseId
    form: FormKind = FormKind.STANDARD
    sets: int = 3
    reps: int | None = 8
    seconds: int | None = None
    up_s: int = 3
    hold_s: int = 0
    down_s: int = 4


def planned(place: Place, step: int, form: FormKind | None = None) -> PlannedDose:
    exercise = CATALOG[place.exercise]
    dose: Dose = exercise.ladder[min(step, len(exercise.ladder) - 1)]
    tempo = exercise.tempo
    return PlannedDose(
        place.exercise,
        form or place.form,
        dose.sets,
        dose.reps,
        dose.seconds,
        tempo.up_s,
        tempo.hold_s,
        tempo.down_s,
    )


def plain(text: str) -> str:
    """Return the text with ordinary spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def names(places: tuple[Place, ...]) -> list[str]:
    return [place.exercise.value for place in places]


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("tracks", CHOICES, ids=lambda tracks: "+".join(tracks) or "base")
@pytest.mark.parametrize("form", [None, FormKind.EASIER, FormKind.FLAT])
def test_a_session_as_prescribed_stays_under_45_minutes(
    phase: Phase, tracks: tuple[Site, ...], form: FormKind | None
) -> None:
    for step in range(LONGEST_LADDER):
        doses = [planned(place, step, form) for place in places_of(phase, tracks)]
        minutes = session_minutes(doses)
        assert minutes is not None
        assert 15 < minutes < CLINIC.longest_session_minutes


@pytest.mark.parametrize("phase", Phase)
def test_without_a_cut_a_session_with_two_tracks_would_be_too_long(phase: Phase) -> None:
    everything = [*PLAN[phase], *TRACK_PLAN[Site.KNEE][phase], *TRACK_PLAN[Site.HIP][phase]]
    minutes = session_minutes(planned(place, LONGEST_LADDER) for place in everything)
    assert minutes is not None
    assert minutes > CLINIC.longest_session_minutes


@pytest.mark.parametrize(
    ("phase", "tracks", "held"),
    [
        (1, {Site.KNEE}, ["isometric_calf_hold", "short_range_calf_raise", "arch_raise", "wall_sit"]),
        (1, {Site.HIP}, ["isometric_calf_hold", "short_range_calf_raise", "arch_raise", "side_plank"]),
        (
            2,
            {Site.KNEE},
            ["heavy_calf_raise", "heavy_seated_calf_raise", "arch_raise", "slow_split_squat", "step_down"],
        ),
        (
            2,
            {Site.HIP, Site.KNEE},
            [
                "heavy_calf_raise",
                "heavy_seated_calf_raise",
                "arch_raise",
                "slow_split_squat",
                "single_leg_bridge",
            ],
        ),
        (
            3,
            {Site.HIP},
            [*names(PLAN[Phase.POWER]), "single_leg_bridge", "band_walk"],
        ),
        (3, {Site.FOOT}, [*names(PLAN[Phase.POWER]), "arch_raise"]),
    ],
)
def test_a_track_comes_beside_the_base(phase: int, tracks: set[Site], held: list[str]) -> None:
    assert names(places_of(Phase(phase), tracks)) == held


@pytest.mark.parametrize("phase", Phase)
def test_a_site_without_a_track_changes_nothing(phase: Phase) -> None:
    assert places_of(phase) == places_of(phase, {Site.CALF, Site.THIGH}) == PLAN[phase]


@pytest.mark.parametrize("phase", [Phase.SETTLE, Phase.STRENGTHEN])
def test_the_foots_track_takes_nothing_from_the_base_and_is_not_screened(phase: Phase) -> None:
    places = places_of(phase, {Site.FOOT})
    assert {place.exercise for place in places} == {place.exercise for place in PLAN[phase]}
    assert not next(place for place in places if place.exercise is ARCH).screened


@pytest.mark.parametrize("site", TRACK_PLAN)
@pytest.mark.parametrize("phase", Phase)
def test_an_exercise_of_a_track_belongs_to_its_site_and_phase(site: Site, phase: Phase) -> None:
    for place in TRACK_PLAN[site][phase]:
        entry = CATALOG[place.exercise]
        assert entry.track in ({None} if site is Site.FOOT else {site})
        assert site is Site.FOOT or phase in entry.phases
        assert site in entry.standard.loads
    if site is not Site.FOOT and phase is Phase.SETTLE:
        kinds = {CATALOG[place.exercise].kind for place in TRACK_PLAN[site][phase]}
        assert kinds == {ExerciseKind.ISOMETRIC}


def test_every_exercise_of_a_track_is_planned_or_an_alternative() -> None:
    in_tracks = {
        place.exercise for plan in TRACK_PLAN.values() for places in plan.values() for place in places
    }
    assert {e.id for e in CATALOG.values() if e.track} <= in_tracks | set(ALTERNATIVES)
    assert not in_tracks & set(ALTERNATIVES)
    for alternative, planned_one in ALTERNATIVES.items():
        assert CATALOG[alternative].track is CATALOG[planned_one].track
        assert CATALOG[alternative].phases == CATALOG[planned_one].phases


@pytest.mark.parametrize(
    "exercise", [e for e in CATALOG.values() if e.track], ids=lambda exercise: str(exercise.id)
)
def test_what_the_clinic_has_not_confirmed_says_so(exercise: Exercise) -> None:
    assert exercise.source.startswith("a proposal until the clinic confirms it")
    assert not exercise.confirmed
    assert CATALOG[RAISE].confirmed


def test_one_leg_works_while_the_other_one_rests() -> None:
    # Two legs of 8 x 7 s and 5 s to change; the leg rests two minutes from its first set to its second.
    assert set_seconds(PlannedDose(RAISE)) == 56
    assert exercise_seconds(PlannedDose(RAISE)) == 2 * (56 + 120) + 2 * 56 + 5
    # Both feet: the rest is a rest.
    assert exercise_seconds(PlannedDose(SEATED)) == 3 * 56 + 2 * 120
    # A rest shorter than the other leg's set costs nothing.
    assert exercise_seconds(PlannedDose(ExerciseId.STEP_DOWN)) == 3 * (2 * 56 + 5)


def test_a_hold_and_a_quick_movement_take_their_own_time() -> None:
    assert set_seconds(PlannedDose(ExerciseId.WALL_SIT, reps=None, seconds=45, hold_s=45)) == 45
    assert set_seconds(PlannedDose(ExerciseId.BAND_WALK, reps=10, up_s=0, down_s=0)) == 30
    assert set_seconds(PlannedDose(ExerciseId.POGO_HOPS, reps=15, up_s=0, down_s=0)) == 15
    assert set_seconds(PlannedDose(RAISE, reps=None)) == 0


def test_the_length_of_a_session_counts_the_changes_and_leaves_out_drills() -> None:
    one, two = PlannedDose(SEATED, sets=1), PlannedDose(SEATED, sets=1)
    assert session_minutes([one]) == 1
    assert session_minutes([one, two]) == 3  # 56 + 30 + 56 seconds
    drill = PlannedDose(ExerciseId.CADENCE_DRILL, sets=6, reps=None, seconds=60)
    assert session_minutes([one, drill]) == 1
    assert session_minutes([drill]) is None
    assert session_minutes([]) is None


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (None, ""),
        (1, "about 5 minutes"),
        (32, "about 30 minutes"),
        (33, "about 35 minutes"),
        (44, "about 45 minutes"),
    ],
)
def test_a_length_is_told_to_five_minutes(minutes: int | None, words: str) -> None:
    assert about_minutes(minutes) == words


def test_the_base_of_phase_2_takes_about_35_minutes() -> None:
    assert about_minutes(session_minutes(planned(place, 0) for place in PLAN[Phase.STRENGTHEN])) == (
        "about 35 minutes"
    )


@pytest.mark.parametrize(
    ("dose", "words"),
    [
        (PlannedDose(RAISE), "3 × 8 each leg, the sore one first · 3 s up, 4 s down"),
        (PlannedDose(SEATED), "3 × 8 · 3 s up, 4 s down"),
        (PlannedDose(ARCH, hold_s=2), "3 × 8 · 3 s up, 2 s held, 4 s down"),
        (PlannedDose(RAISE, FormKind.EASIER), "3 × 8 · 3 s up, 4 s down"),
        (
            PlannedDose(ExerciseId.SIDE_PLANK, reps=None, seconds=20, hold_s=20),
            "3 × 20 s each side, the sore one first",
        ),
        (PlannedDose(ExerciseId.POGO_HOPS, up_s=0, down_s=0), "3 × 8"),
    ],
)
def test_a_dose_says_each_leg_and_never_drops_a_hold(dose: PlannedDose, words: str) -> None:
    assert plain(dose_text(dose)) == words


def test_a_dose_has_its_sessions_and_the_load_a_clinician_set() -> None:
    whole = dose_text(PlannedDose(SEATED), weekly=2, load_g=20_412)
    assert plain(whole) == "3 × 8 · twice a week · 3 s up, 4 s down · 45 lb"
    assert dose_text(PlannedDose(SEATED), load_g=22_500, kilometers=True).endswith("22.5 kg")


def test_a_dose_in_an_email_says_nothing_of_soreness() -> None:
    assert plain(dose_text(PlannedDose(RAISE), private=False)) == "3 × 8 each leg · 3 s up, 4 s down"
    form = CATALOG[ExerciseId.SIDE_PLANK].standard
    assert plain(amount_text(3, None, 20, form, private=False)) == "3 × 20 s each side"


@pytest.mark.parametrize(
    ("load_g", "kilometers", "words"),
    [(453, False, "1 lb"), (9_072, False, "20 lb"), (10_000, True, "10 kg"), (2_268, False, "5 lb")],
)
def test_a_load_is_written_in_the_runners_unit(load_g: int, kilometers: bool, words: str) -> None:
    assert load_text(load_g, kilometers=kilometers) == words


def test_a_movement_without_a_count_has_no_tempo() -> None:
    assert tempo_text(0, 0, 0) == ""
    assert plain(tempo_text(3, 2, 4)) == "3 s up, 2 s held, 4 s down"
    assert "3\N{NO-BREAK SPACE}s up" in tempo_text(3, 2, 4)


def test_the_flat_form_never_lets_the_heel_below_the_floor() -> None:
    entry = CATALOG[RAISE]
    assert entry.flat is not None
    assert entry.form(FormKind.FLAT) is entry.flat
    assert "never below" in entry.flat.how
    assert entry.steps_of(FormKind.FLAT) == entry.flat.steps != entry.steps
    assert entry.steps_of(FormKind.STANDARD) == entry.steps
    assert guarded_form(RAISE, FormKind.FLAT) is entry.flat
    assert guide_path(RAISE, FormKind.FLAT) == "/guide/heavy_calf_raise/flat/"
    # Nothing else is done with the heel over an edge, so the standard form is flat.
    for other in CATALOG.values():
        if other.flat is None:
            assert other.form(FormKind.FLAT) is other.standard
            texts = " ".join([other.standard.how, *other.steps]).lower()
            assert "below it" not in texts
            assert guide_path(other.id, FormKind.FLAT) == f"/guide/{other.id.value}/"


def test_a_tempo_by_hand_is_never_quicker_than_the_catalogs() -> None:
    quickest, slowest = CATALOG[ARCH].tempo_range
    assert (quickest.up_s, quickest.hold_s, quickest.down_s) == (3, 2, 4)
    assert (slowest.up_s, slowest.hold_s, slowest.down_s) == (7, 6, 8)
    for uncounted in (ExerciseId.POGO_HOPS, ExerciseId.WALL_SIT):
        quickest, slowest = CATALOG[uncounted].tempo_range
        assert quickest == slowest == CATALOG[uncounted].tempo


@pytest.mark.parametrize("exercise", CATALOG.values(), ids=lambda exercise: str(exercise.id))
def test_the_limits_of_an_exercise_are_in_order(exercise: Exercise) -> None:
    if exercise.load_range_g is not None:
        assert 0 == exercise.load_range_g[0] < exercise.load_range_g[1] <= 250_000
    assert exercise.rest_s in (30, 45, 60, 120)
    assert exercise.seconds_per_rep > 0
    assert all(form.each in ("", "leg", "side") for form in map(exercise.form, FormKind))


def test_a_form_may_have_steps_of_its_own() -> None:
    entry = CATALOG[RAISE]
    own = replace(entry, easier=replace(entry.easier, steps=("Up.", "Down.")))
    assert own.steps_of(FormKind.EASIER) == ("Up.", "Down.")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(30, "half a minute"), (45, "45 seconds"), (60, "a minute"), (120, "two minutes")],
)
def test_a_rest_is_written_as_a_coach_says_it(seconds: int, words: str) -> None:
    assert rest_in_words(seconds) == words
