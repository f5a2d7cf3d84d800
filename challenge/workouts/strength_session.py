"""The guided session as its page shows it: each exercise with its legs, rests and easier form, and what is done."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from challenge.enrollment.models import Enrollment
from challenge.intake.queries import complaints_of
from challenge.protocol.catalog.form import Exercise, ExerciseVariant
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.dose_text import about_minutes, session_minutes, set_seconds
from challenge.protocol.exercises import guarded_form
from challenge.protocol.vocabulary import ExerciseId, FormKind, Side
from challenge.workouts.models import Morning, Run, StrengthSession
from challenge.workouts.prescribed_sets import PrescribedSets, in_load_unit
from challenge.workouts.strength_session_models import UNFINISHED, GuidedSession, GuidedSet, TrainedLeg

E = ExerciseId
FOUR_EASY_MINUTES = 240  # between two minutes of the cadence drill
READY_S = 5  # to get into position, before each set
CHANGE_LEGS_S = 15
WALL, CHAIR, WEIGHT, ROOM = "a wall", "a firm chair", "something heavy", "20 yards of level ground"
STEP, MAT = "a low step", "a mat"
NEEDS: dict[ExerciseId, tuple[str, ...]] = {
    E.ISOMETRIC_CALF_HOLD: (WALL,),
    E.ISOMETRIC_SOLEUS_HOLD: (CHAIR, WEIGHT),
    E.SHORT_RANGE_CALF_RAISE: (WALL,),
    E.HEAVY_CALF_RAISE: (WALL, WEIGHT),
    E.HEAVY_SEATED_CALF_RAISE: (CHAIR, WEIGHT),
    E.TOES_IN_CALF_RAISE: (WALL,),
    E.SINGLE_LEG_HOPS: (WALL,),
    E.SKIPPING: (ROOM,),
    E.CADENCE_DRILL: (ROOM,),
    E.MIDFOOT_STRIDES: (ROOM,),
    E.WALL_SIT: (WALL,),
    E.SPANISH_SQUAT_HOLD: ("a strap that can’t stretch",),
    E.SLOW_SPLIT_SQUAT: (WEIGHT,),
    E.LEG_PRESS: ("a leg press",),
    E.STEP_DOWN: (STEP,),
    E.SIDE_PLANK: (MAT,),
    E.SIDE_LYING_LIFT: (MAT, WALL),
    E.SINGLE_LEG_BRIDGE: (MAT,),
    E.HIP_THRUST: ("a bench that can’t slide", WEIGHT),
    E.BAND_WALK: ("a light band",),
    E.HIP_HIKE: (STEP, WALL),
}


@dataclass(frozen=True)
class SessionExercise:
    """One exercise of the session; `legs` in the order in which they are done."""

    planned: PrescribedSets
    described: Exercise
    legs: tuple[TrainedLeg, ...]
    easier_legs: tuple[TrainedLeg, ...]

    @property
    def form(self) -> ExerciseVariant:
        """Return the planned form."""
        return self.described.form(self.planned.form)

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the steps of the planned form."""
        return self.described.steps_of(self.planned.form)

    @property
    def own(self) -> ExerciseVariant | None:
        """Return the planned form where it spares something: the standard form's feel and warning are not its own."""
        return guarded_form(self.planned.exercise, self.planned.form)

    @property
    def easier(self) -> str:
        """Return the name of the easier form, empty where it is the planned one."""
        return "" if self.planned.form is FormKind.EASIER else self.described.easier.name

    @property
    def has_easier_figure(self) -> bool:
        """Return whether the easier form looks different, because it spares a joint."""
        return bool(self.easier) and guarded_form(self.planned.exercise, FormKind.EASIER) is not None

    @property
    def rest_s(self) -> int:
        """Return the seconds of rest after a set; the other leg's set is a part of one leg's rest."""
        if self.planned.exercise is E.CADENCE_DRILL:
            return FOUR_EASY_MINUTES
        rest_s = self.described.rest_s
        if self.form.each != "leg":
            return rest_s
        other_leg_s = CHANGE_LEGS_S + READY_S + set_seconds(self.planned)
        return max(CHANGE_LEGS_S, rest_s - other_leg_s - READY_S)

    def for_script(self, unit: str, *, with_weight: bool) -> dict[str, Any]:
        """Return what the script needs, as JSON; loads in `unit`, `weighted` where one belongs and `with_weight`."""
        values = asdict(self.planned)
        grams = values.pop("load_g")
        return values | {
            "load": in_load_unit(grams, unit) if grams else "",
            "weighted": with_weight and WEIGHT in NEEDS.get(self.planned.exercise, ()),
            "each": self.form.each or self.described.easier.each,
            "change_s": CHANGE_LEGS_S,
            "legs": [leg.value for leg in self.legs],
            "easier": self.easier,
            "easier_legs": [leg.value for leg in self.easier_legs],
            "rest_s": self.rest_s,
        }


def session_exercises(enrollment: Enrollment, planned: Iterable[PrescribedSets]) -> list[SessionExercise]:
    """Return the week's exercises as the session leads through them, the sore leg first."""
    sore_first = _sore_leg_first(enrollment)
    return [_exercise(sets, sore_first) for sets in planned]


def _exercise(planned: PrescribedSets, sore_first: tuple[TrainedLeg, ...]) -> SessionExercise:
    described = CATALOG[planned.exercise]
    legs, easier_legs = (
        sore_first if described.form(form).one_sided else (TrainedLeg.BOTH,)
        for form in (planned.form, FormKind.EASIER)
    )
    return SessionExercise(planned, described, legs, easier_legs)


def _sore_leg_first(enrollment: Enrollment) -> tuple[TrainedLeg, ...]:
    """Return both legs, the one that hurts first: by the last report with a side, else by the intake."""
    reports: list[tuple[date, str]] = [
        report
        for model in (Run, StrengthSession, Morning)
        for report in model._default_manager.filter(
            enrollment=enrollment, deleted_at__isnull=True, pain__gt=0, side__in=[Side.LEFT, Side.RIGHT]
        )
        .order_by("-local_on")
        .values_list("local_on", "side")[:1]
    ]
    side = max(reports)[1] if reports else _side_of_complaint(enrollment)
    return (TrainedLeg.RIGHT, TrainedLeg.LEFT) if side == Side.RIGHT else (TrainedLeg.LEFT, TrainedLeg.RIGHT)


def _side_of_complaint(enrollment: Enrollment) -> str:
    sides = [complaint.side for complaint in complaints_of(enrollment) if complaint.present]
    return next((side for side in sides if side in {Side.LEFT, Side.RIGHT}), "")


def length_text(exercises: Iterable[SessionExercise]) -> str:
    """Return the length of a session as every page shows it: "about 35 minutes"; empty where all are drills."""
    return about_minutes(session_minutes(exercise.planned for exercise in exercises))


def needs(exercises: Iterable[SessionExercise], *, with_weight: bool) -> list[str]:
    """Return what the runner has to have at hand, each thing once."""
    things = [thing for exercise in exercises for thing in NEEDS.get(exercise.planned.exercise, ())]
    return [*dict.fromkeys(thing for thing in things if with_weight or thing != WEIGHT)]


def session_under_way(enrollment: Enrollment, *, on: date) -> GuidedSession | None:
    """Return the unfinished session of this local day."""
    return GuidedSession.objects.filter(UNFINISHED, enrollment=enrollment, local_on=on).first()


def finished_at(enrollment: Enrollment, *, on: date) -> datetime | None:
    """Return when the day's last session was finished: a phone that has not heard of it must begin a new one."""
    finished = GuidedSession.objects.filter(enrollment=enrollment, local_on=on, finished__isnull=False)
    last: datetime | None = finished.aggregate(last=Max("finished__logged_at"))["last"]
    return last


def session_left_open(enrollment: Enrollment, *, today: date) -> GuidedSession | None:
    """Return the latest unfinished session of an earlier day that has a set."""
    left = GuidedSession.objects.filter(UNFINISHED, enrollment=enrollment, local_on__lt=today)
    return left.filter(sets__isnull=False).order_by("-local_on").first()


def sets_for_script(session: GuidedSession | None, unit: str) -> list[dict[str, Any]]:
    """Return the stored sets as the page's script knows them; loads in `unit`."""
    return [_set_for_script(row, unit) for row in session.sets.all()] if session is not None else []


def _set_for_script(row: GuidedSet, unit: str) -> dict[str, Any]:
    names = ("planned", "leg", "number", "exercise", "form", "reps", "seconds", "pain", "because")
    values = {name: getattr(row, name) for name in names}
    return values | {
        "load": in_load_unit(row.load_g, unit) if row.load_g else "",
        "done_at": _milliseconds(row.done_at),
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
