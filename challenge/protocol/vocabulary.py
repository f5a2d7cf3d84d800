"""The enums of the method. Their values are stored and keep their meaning; `choices()` fits a Django field."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Term(StrEnum):
    """A stored word with a label for people."""

    @property
    def label(self) -> str:
        """The word as people read it."""
        return _LABELS.get(self.value, self.value.replace("_", " ").capitalize())

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class Phase(IntEnum):
    """The three phases of the method, in their order."""

    SETTLE = 1
    STRENGTHEN = 2
    POWER = 3

    @property
    def label(self) -> str:
        return ("Pain modulation", "Heavy slow resistance", "Power and run-specific loading")[self - 1]

    @classmethod
    def choices(cls) -> list[tuple[int, str]]:
        return [(member.value, member.label) for member in cls]


class Site(Term):
    ACHILLES = "achilles"
    CALF = "calf"
    INNER_SHIN = "inner_shin"
    FRONT_SHIN = "front_shin"
    FOOT = "foot"
    ANKLE = "ankle"
    KNEE = "knee"
    THIGH = "thigh"
    HIP = "hip"
    LOWER_BACK = "lower_back"
    OTHER = "other"


class Side(Term):
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class ComplaintKind(Term):
    """Where in the Achilles tendon a complaint sits: at the heel bone, or above it. Other sites have no kind."""

    INSERTIONAL = "insertional"
    MID_PORTION = "mid_portion"


class ComplaintStatus(Term):
    """The state of a complaint as a clinician recorded it. A settling one is still spared, but it is not present."""

    PRESENT = "present"
    SETTLING = "settling"
    PAST = "past"


class PlanChangeKind(Term):
    """How a clinician changes the exercises of one runner."""

    ADD = "add"
    LEAVE_OUT = "leave_out"
    SWAP = "swap"


class Surface(Term):
    ROAD = "road"
    TRAIL = "trail"
    TRACK = "track"
    TREADMILL = "treadmill"
    MIXED = "mixed"


class Effort(Term):
    EASY = "easy"
    STEADY = "steady"
    TEMPO = "tempo"
    RACE = "race"


class FootStrike(Term):
    HEEL = "heel"
    MIDFOOT = "midfoot"
    FOREFOOT = "forefoot"


class CadenceSource(Term):
    """Where a run's cadence comes from. `metronome`: on for most of the run, which then needs no number."""

    FILE = "file"
    WATCH = "watch"
    COUNTED = "counted"
    TAPPED = "tapped"
    METRONOME = "metronome"


class BaselineSource(Term):
    """Where the baseline in force comes from."""

    INTAKE = "intake"
    COUNTED = "counted"
    MEASURED = "measured"
    CORRECTED = "corrected"


class Arch(Term):
    STEADY = "steady"
    COLLAPSING = "collapsing"
    UNSURE = "unsure"


class Shoe(Term):
    EVEN = "even"
    TILTS_INWARD = "tilts_inward"
    TILTS_OUTWARD = "tilts_outward"
    UNSURE = "unsure"


class Symptom(Term):
    POP = "pop"
    CALF_SWELLING = "calf_swelling"
    BONE_SPOT = "bone_spot"
    LIMP = "limp"
    NIGHT_PAIN = "night_pain"
    REST_PAIN = "rest_pain"


STOP_SYMPTOMS = frozenset({Symptom.POP, Symptom.CALF_SWELLING, Symptom.BONE_SPOT, Symptom.LIMP})
ASK_SYMPTOMS = frozenset({Symptom.NIGHT_PAIN, Symptom.REST_PAIN})


class FlagKind(Term):
    """Why a person must look at a runner. The engine reads `STOP` and `ASK`; `care.flag_kinds` describes all."""

    STOP = "stop"
    ASK = "ask"
    COMPLAINT = "complaint"
    RED = "red"
    WORSE_WEEK = "worse_week"
    LOAD = "load"
    SILENCE = "silence"
    STUCK = "stuck"
    REVIEW = "review"
    MAIL = "mail"
    QUESTION = "question"


class StopFinding(Term):
    """What a clinician found when a stop flag was looked at."""

    NO_INJURY = "no_injury"
    TENDON = "tendon"
    MUSCLE = "muscle"
    BONE_STRESS = "bone_stress"
    SORE_JOINT = "sore_joint"
    VESSEL = "vessel"
    ELSEWHERE = "elsewhere"


class AfterStop(Term):
    """What holds once a stop flag is closed."""

    BY_PLAN = "runs_by_plan"
    SHORT = "runs_short"
    NOT_YET = "no_running"


class PainColor(Term):
    """The colors of `pain.scale`."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class PauseReason(Term):
    ILLNESS = "illness"
    INJURY = "injury"
    TRAVEL = "travel"
    LIFE = "life"
    CLINICIAN = "clinician"
    OTHER = "other"

    @property
    def label(self) -> str:
        # A site is "other" too, and its label speaks of a place.
        return "Something else" if self is PauseReason.OTHER else super().label


class TestKind(Term):
    __test__ = False

    HEEL_RAISE = "heel_raise"
    HOP = "hop"


class Status(Term):
    """Where a rule comes from: the clinic, a study, or our own default."""

    CLINIC = "clinic"
    EVIDENCE = "evidence"
    DEFAULT = "default"


class WeekState(Term):
    """What kind of week a decision describes."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    FINISHED = "finished"


class HeelStrikeStep(Term):
    """Where a runner is with heel strike for a while."""

    NOT_RELEVANT = "not_relevant"
    OFFER = "offer"
    NEVER = "never"
    ASK = "ask"
    DECLINED = "declined"
    ON_HEEL = "on_heel"
    REVIEW = "review"
    RETURNING = "returning"
    OVER = "over"


class ExerciseId(Term):
    """The exercises of the three phases and of the tracks. Guide pages and figures are named after these."""

    ISOMETRIC_CALF_HOLD = "isometric_calf_hold"
    ISOMETRIC_SOLEUS_HOLD = "isometric_soleus_hold"
    SHORT_RANGE_CALF_RAISE = "short_range_calf_raise"
    ARCH_RAISE = "arch_raise"
    HEAVY_CALF_RAISE = "heavy_calf_raise"
    HEAVY_SEATED_CALF_RAISE = "heavy_seated_calf_raise"
    SPLIT_SQUAT_CALF_RAISE = "split_squat_calf_raise"
    TOES_IN_CALF_RAISE = "toes_in_calf_raise"
    POGO_HOPS = "pogo_hops"
    SINGLE_LEG_HOPS = "single_leg_hops"
    SKIPPING = "skipping"
    CADENCE_DRILL = "cadence_drill"
    MIDFOOT_STRIDES = "midfoot_strides"
    SPANISH_SQUAT_HOLD = "spanish_squat_hold"
    WALL_SIT = "wall_sit"
    SLOW_SPLIT_SQUAT = "slow_split_squat"
    LEG_PRESS = "leg_press"
    STEP_DOWN = "step_down"
    SIDE_PLANK = "side_plank"
    SIDE_LYING_LIFT = "side_lying_lift"
    SINGLE_LEG_BRIDGE = "single_leg_bridge"
    HIP_THRUST = "hip_thrust"
    BAND_WALK = "band_walk"
    HIP_HIKE = "hip_hike"


class ExerciseKind(Term):
    """What an exercise trains. The rules of load and phases ask for kinds, not for single exercises."""

    ISOMETRIC = "isometric"
    SHORT_RANGE = "short_range"
    HEAVY = "heavy"
    POSTERIOR_TIBIAL = "posterior_tibial"
    PLYOMETRIC = "plyometric"
    DRILL = "drill"
    CONTROL = "control"


class ReportKind(Term):
    """What a pain report is about. Only a morning is compared with the runner's usual morning."""

    SESSION = "session"
    MORNING = "morning"


class FormKind(Term):
    """The ways to do an exercise: as planned, sparing a joint, with more load, or with no heel below the floor."""

    STANDARD = "standard"
    EASIER = "easier"
    HARDER = "harder"
    FLAT = "flat"


# Stored with every decision: a rule never changes its name or its meaning.
class Rule(StrEnum):
    CADENCE_BASELINE = "cadence.baseline"
    CADENCE_RAISE = "cadence.raise"
    CADENCE_CAP = "cadence.cap"
    CADENCE_WEEKLY = "cadence.weekly"
    CADENCE_FIVE_RUNS = "cadence.five_runs"
    CADENCE_ON_TARGET = "cadence.on_target"
    CADENCE_HOLD_PAIN = "cadence.hold.pain"
    CADENCE_HOLD_NO_DATA = "cadence.hold.no_data"
    CADENCE_STUCK = "cadence.stuck"
    CADENCE_UNMEASURED = "cadence.unmeasured"
    CADENCE_REVIEW = "cadence.review"
    PHASE_START = "phase.start"
    PHASE_PROPOSE_2 = "phase.propose_2"
    PHASE_PROPOSE_3 = "phase.propose_3"
    PHASE_PROPOSE_BACK = "phase.propose_back"
    PHASE_STAY = "phase.stay"
    EXERCISE_CONTENT = "exercise.content"
    EXERCISE_DOSE = "exercise.dose"
    EXERCISE_APPROVAL = "exercise.approval"
    EXERCISE_RETURN = "exercise.return"
    EXERCISE_TRACK = "exercise.track"
    COMPLAINT_OPEN = "complaint.open"
    PAIN_SCALE = "pain.scale"
    PAIN_MORNING = "pain.morning"
    PAIN_STOP = "pain.stop"
    PAIN_ASK = "pain.ask"
    PAIN_NOT_BETTER = "pain.not_better"
    PAIN_TODAY = "pain.today"
    LOAD_LONG_RUN = "load.long_run"
    LOAD_NOW = "load.now"
    LOAD_RETURN = "load.return"
    LOAD_STACKED = "load.stacked"
    LOAD_WEEKLY_JUMP = "load.weekly_jump"
    LOAD_RECOVERY = "load.recovery"
    LOAD_WINDOW = "load.window"
    LOAD_TREADMILL = "load.treadmill"
    STRIKE_OFFER = "strike.offer"
    STRIKE_NEVER = "strike.never"
    STRIKE_SHIN = "strike.shin"
    STRIKE_VOLUME = "strike.volume"
    STRIKE_RETURN = "strike.return"
    DECISION_WEEK = "decision.week"
    DECISION_NOW = "decision.now"
    DECISION_BY_HAND = "decision.by_hand"
    DECISION_QUIET = "decision.quiet"
    CHALLENGE_FINISH = "challenge.finish"


# Pain at a joint is always a question to a clinician; a knee or hip also guards the exercises that load it.
JOINTS = frozenset({Site.KNEE, Site.HIP, Site.ANKLE, Site.LOWER_BACK})
GUARDED_JOINTS = frozenset({Site.KNEE, Site.HIP})
# Sites that heel strike for a while can spare (`strike.offer`).
COVERED_SITES = frozenset({Site.ACHILLES, Site.CALF, Site.INNER_SHIN, Site.FOOT})

_LABELS = {
    "achilles": "Achilles tendon",
    "inner_shin": "Inner side of the shin",
    "front_shin": "Front of the shin",
    "lower_back": "Lower back",
    "other": "Somewhere else",
    "file": "From the activity file",
    "watch": "The watch’s average",
    "counted": "Counted during the run",
    "tapped": "Tapped during the run",
    "metronome": "With the metronome, most of the run",
    "tilts_inward": "Tilts inward",
    "tilts_outward": "Tilts outward",
    "pop": "A pop or a sudden loss of push-off",
    "calf_swelling": "Calf swelling, warmth or redness",
    "bone_spot": "Pain in one spot on a bone, or when you hop on it",
    "limp": "A limp that stays after warming up",
    "night_pain": "Pain at night",
    "rest_pain": "Pain at rest",
    "isometric_calf_hold": "Standing calf hold",
    "isometric_soleus_hold": "Seated calf hold",
    "short_range_calf_raise": "Calf raise in shortened range",
    "arch_raise": "Arch raise, front to back",
    "heavy_calf_raise": "Heavy slow calf raise",
    "heavy_seated_calf_raise": "Heavy slow seated calf raise",
    "split_squat_calf_raise": "Split squat calf raise",
    "toes_in_calf_raise": "Eccentric calf raise, toes angled in",
    "pogo_hops": "Pogo hops on two feet",
    "single_leg_hops": "Hops on one leg",
    "skipping": "Running skips",
    "cadence_drill": "Cadence drill with the metronome",
    "spanish_squat_hold": "Spanish squat hold",
    "slow_split_squat": "Slow split squat",
    "single_leg_bridge": "Bridge on one leg",
    "side_lying_lift": "Leg lift lying on the side",
    "hip_hike": "Standing hip hike",
    "band_walk": "Side steps with a band",
    "insertional": "At the heel bone",
    "mid_portion": "Above the heel bone",
    "midfoot_strides": "Midfoot strides",
    "no_injury": "Nothing that rules out running",
    "tendon": "Sore tendon, not torn",
    "muscle": "Muscle strain",
    "bone_stress": "Bone stress suspected or confirmed",
    "sore_joint": "Sore joint",
    "vessel": "Clot or swelling, referred and cleared",
    "elsewhere": "Cared for elsewhere",
    "runs_by_plan": "Runs again, following the plan",
    "runs_short": "Runs again, short and easy at first",
    "no_running": "No running yet: paused",
    "life": "Life got in the way",
    "clinician": "A clinician asked for it",
}
