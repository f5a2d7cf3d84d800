"""The guided session as its page shows it: each exercise with its legs, rests and easier form, and what is done."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from django.db.models import Max

from challenge.enrollment.models import Enrollment
from challenge.intake.queries import complaints_of
from challenge.protocol.catalog.form import Exercise
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.exercises import guarded_form
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind, Side
from challenge.workouts.models import Morning, Run, StrengthSession
from challenge.workouts.prescribed_sets import PrescribedSets, in_load_unit
from challenge.workouts.strength_session_models import UNFINISHED, GuidedSession, GuidedSet, TrainedLeg

E, F = ExerciseId, FormKind
# The forms that train one leg at a time, as the catalog describes them.
ONE_LEG = frozenset(
    {
        *((exercise, F.STANDARD) for exercise in (E.ISOMETRIC_CALF_HOLD, E.ISOMETRIC_SOLEUS_HOLD)),
        *((exercise, F.STANDARD) for exercise in (E.HEAVY_CALF_RAISE, E.TOES_IN_CALF_RAISE)),
        *((exercise, form) for exercise in (E.SPLIT_SQUAT_CALF_RAISE, E.SINGLE_LEG_HOPS) for form in F),
        (E.ISOMETRIC_SOLEUS_HOLD, F.EASIER),
        *((exercise, F.HARDER) for exercise in (E.ISOMETRIC_CALF_HOLD, E.ISOMETRIC_SOLEUS_HOLD)),
        *((exercise, F.HARDER) for exercise in (E.SHORT_RANGE_CALF_RAISE, E.ARCH_RAISE, E.HEAVY_CALF_RAISE)),
        *((exercise, F.HARDER) for exercise in (E.HEAVY_SEATED_CALF_RAISE, E.TOES_IN_CALF_RAISE)),
    }
)
# Seconds of rest after a set: from the catalog's steps ("two minutes", "two to three", "a minute"); ours where they
# are silent.
REST_S = {
    ExerciseKind.ISOMETRIC: 120,
    ExerciseKind.HEAVY: 150,
    ExerciseKind.SHORT_RANGE: 90,
    ExerciseKind.POSTERIOR_TIBIAL: 90,
    ExerciseKind.PLYOMETRIC: 60,
    ExerciseKind.DRILL: 60,
}
FOUR_EASY_MINUTES = 240  # between two minutes of the cadence drill
READY_S = 5  # to get into position, for each leg
QUICK_REP_S = 1
WALL, CHAIR, WEIGHT, ROOM = "a wall", "a firm chair", "something heavy", "20 yards of level ground"
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
}


@dataclass(frozen=True)
class SessionExercise:
    """One exercise of the session; `legs` in the order in which they are done."""

    planned: PrescribedSets
    described: Exercise
    legs: tuple[TrainedLeg, ...]
    easier_legs: tuple[TrainedLeg, ...]
    rest_s: int

    @property
    def easier(self) -> str:
        """Return the name of the easier form, empty where it is the planned one."""
        return "" if self.planned.form is FormKind.EASIER else self.described.easier.name

    @property
    def has_easier_figure(self) -> bool:
        """Return whether the easier form looks different, because it spares a joint."""
        return bool(self.easier) and guarded_form(self.planned.exercise, FormKind.EASIER) is not None

    @property
    def set_s(self) -> int:
        """Return the seconds that one set of one leg takes."""
        one = self.planned.up_s + self.planned.hold_s + self.planned.down_s or QUICK_REP_S
        return self.planned.seconds or (self.planned.reps or 1) * one

    @property
    def length_s(self) -> int:
        """Return the seconds of all sets with their rests."""
        return self.planned.sets * (len(self.legs) * (self.set_s + READY_S) + self.rest_s)

    def for_script(self, unit: str) -> dict[str, Any]:
        """Return what the page's script needs, as JSON; loads in `unit`."""
        values = asdict(self.planned)
        grams = values.pop("load_g")
        return values | {
            "load": in_load_unit(grams, unit) if grams else "",
            "weighted": WEIGHT in NEEDS.get(self.planned.exercise, ()),
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
    rest_s = FOUR_EASY_MINUTES if planned.exercise is E.CADENCE_DRILL else REST_S[described.kind]
    legs, easier_legs = (
        sore_first if (planned.exercise, form) in ONE_LEG else (TrainedLeg.BOTH,)
        for form in (planned.form, FormKind.EASIER)
    )
    return SessionExercise(planned, described, legs, easier_legs, rest_s)


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


def length_min(exercises: Iterable[SessionExercise]) -> int:
    """Return the length of a session in minutes, in steps of five."""
    return 5 * ceil(sum(exercise.length_s for exercise in exercises) / 300)


def needs(exercises: Iterable[SessionExercise]) -> list[str]:
    """Return what the runner has to have at hand, each thing once."""
    things = [thing for exercise in exercises for thing in NEEDS.get(exercise.planned.exercise, ())]
    return [*dict.fromkeys(things)]


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
