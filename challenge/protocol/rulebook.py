"""The rules in words, with status and source. Names in braces are parameters, filled in with their values."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from challenge.protocol.catalog.plan import HEAVY_IN_POWER, HEAVY_IN_STRENGTHEN, HEAVY_REPS
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reading_hours import DEADLINE
from challenge.protocol.validation import HAND_CADENCE_SPM
from challenge.protocol.vocabulary import Rule, Status


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in words: a row of the document."""

    says: str
    status: Status
    source: str = ""

    def with_numbers(self, parameters: Parameters = CLINIC) -> str:
        """Return the text with the values of these parameters."""
        return self.says.format(**asdict(parameters))


def _clinic(says: str, source: str = "the clinic’s published method") -> RuleText:
    return RuleText(says, Status.CLINIC, source)


def _evidence(says: str, source: str) -> RuleText:
    return RuleText(says, Status.EVIDENCE, source)


def _default(
    says: str, source: str = "the program’s default, where the clinic’s method says nothing"
) -> RuleText:
    return RuleText(says, Status.DEFAULT, source)


RULEBOOK: dict[Rule, RuleText] = {
    Rule.CADENCE_BASELINE: _default(
        "The intake’s value; without one the median of the first {baseline_runs} measured runs, or one run that was "
        "counted or tapped on purpose. Only easy, counted or tapped runs make or correct it; a typed average with "
        "walking breaks, or over more than {walking_percent}% walking, is not measured. Until then no "
        "number: the email says how to measure. When the median of the "
        "first {correction_runs} measured runs is more than {correction_below_spm} below a stated baseline, it "
        "replaces it, once, and the target is set again: the only automatic lowering."
    ),
    Rule.CADENCE_RAISE: _clinic(
        "Next target = the level raised by {raise_percent}%, rounded down. Level = the present target, or the "
        "median of the last {level_runs} easy measured runs where that is higher; a raise of more than one step says "
        "so. The first target is the baseline "
        "raised once, sent with week 1; only a stop flag delays it."
    ),
    Rule.CADENCE_CAP: _clinic(
        "Never a target above {cap_spm}, and {cap_spm} is never forced. A runner who starts there or above has no "
        "target."
    ),
    Rule.CADENCE_WEEKLY: _clinic(
        "At least {consistent_runs} runs (all of one local day are one) in the week just ended, at least "
        "{consistent_on_target} of them on target: "
        "raised. At most one raise in one local week.",
        "the clinic’s published method; the two numbers are the program’s",
    ),
    Rule.CADENCE_FIVE_RUNS: _clinic(
        "Otherwise {five_runs} on-target runs since the present target took effect, however many weeks that takes; "
        "weeks on hold count. {consistent_runs} or more runs with fewer than {consistent_on_target} on target reads "
        '"not there yet".'
    ),
    Rule.CADENCE_ON_TARGET: _default(
        "The running-only median is at least target - {on_target_margin_spm} over at least {on_target_minutes} running "
        'minutes; or the run was "with the metronome, most of it". A runner who types a value below '
        "{doubtful_below_spm} is asked whether it is right."
    ),
    Rule.CADENCE_HOLD_PAIN: _default(
        "No raise after a red report, red daily-life pain, a worse week or while a stop flag is open. Amber, or fewer "
        "than {worse_mornings} worse mornings in a week, does not stop a raise."
    ),
    Rule.CADENCE_HOLD_NO_DATA: _default("Nothing logged: the target stays, and no one is blamed."),
    Rule.CADENCE_STUCK: _default(
        "{stuck_decisions} decisions in a row at one target with {stuck_measured} or more measured runs each and none "
        "on target: a question to a clinician, and a tip: the metronome one minute out of every five."
    ),
    Rule.CADENCE_UNMEASURED: _default(
        "{unmeasured_weeks} weeks with runs and no measured cadence, or {off_target_weeks} weeks with measured runs "
        "and none on target: a question to a clinician and a tip: metronome, tap, count."
    ),
    Rule.CADENCE_REVIEW: _default(
        "Once per runner, the first time a target passes baseline + {review_percent}%: a question to a clinician to "
        "look at the form. The email goes out all the same.",
        "the program’s; Heiderscheit 2011 tested 10% above and below",
    ),
    Rule.PHASE_START: _default("Phase 1. No complaint, no pain and no flag: phase 2 is proposed right away."),
    Rule.PHASE_PROPOSE_2: _default(
        "{settle_days} days in phase 1 without red pain, also in daily life, and without a worse week, with "
        "{settle_sessions} days of strength work logged in them. The {settle_days} days start over when a stop "
        "flag is closed or a pause of {calm_after_days} days ends. Mornings not recorded are listed and do not "
        "block."
    ),
    Rule.PHASE_PROPOSE_3: _default(
        "{strengthen_days} days in phase 2, {heavy_sessions} heavy sessions in the last {heavy_within_days} days, "
        "load or repetitions up, daily-life pain at most {daily_pain_at_most} in an answer of the last "
        "{daily_pain_fresh_days} days, a heel-raise and a hop test recorded or the reason why not."
    ),
    Rule.PHASE_PROPOSE_BACK: _default(
        "{back_reds} red reports in {back_days} days, or {back_worse_weeks} worse weeks in a row, in the present "
        "phase. In phase 1 there is no phase to go back to, so it is a question to a clinician."
    ),
    Rule.PHASE_STAY: _default("None of these: what is still missing is listed."),
    Rule.EXERCISE_CONTENT: _clinic(
        f"1: isometrics, shortened range, less explosive work. 2: {HEAVY_REPS} repetitions, long eccentrics, "
        f"{HEAVY_IN_STRENGTHEN} sessions a week. 3: plyometrics, cadence work, midfoot mechanics; heavy work kept "
        f"{HEAVY_IN_POWER} a week."
    ),
    Rule.EXERCISE_DOSE: _clinic(
        "One step up the exercise’s ladder after {step_after_sessions} days with the present dose done without red "
        "pain; one step a week at most. Jumps that load a sore knee or hip rise only after {joint_power_days} days in "
        "phase 3.",
        "the clinic’s doses; holds after Rio 2015; the numbers of landings are the program’s, after NSCA",
    ),
    Rule.EXERCISE_APPROVAL: _default(
        "An exercise that loads a knee or hip with a complaint comes in its easier form, or is left out if that "
        "form loads the joint too, until a clinician approves it. Asked once per joint and phase. Pain of "
        "{amber_from} or more at a knee or hip in the log guards that joint from then on."
    ),
    Rule.EXERCISE_RETURN: _default(
        "{return_days} days or more without a strength session: one step down each ladder, and one more each time "
        "another {return_days} days begin, never below the first step; from {return_ask_days} days on also a "
        "question to a clinician."
    ),
    Rule.EXERCISE_TRACK: _default(
        "A present or settling complaint with a track brings exercises of its own in addition to the basic plan, "
        "once a clinician approves it for this complaint; asked once. Until then only the basic plan, in forms "
        "that spare the sore place. With a track, the basic plan is cut so that a session stays under "
        "{longest_session_minutes} minutes. With an Achilles complaint at the heel bone, the heel never goes below "
        "the floor.",
        "Willy 2019 (patellofemoral guideline), Leppanen 2024 (hip and core), Jonsson 2008 (insertion); the program’s "
        "until the clinic confirms",
    ),
    Rule.COMPLAINT_OPEN: _default(
        "Pain of {amber_from} or more at a site that is not a present complaint, on {complaint_reports} days within "
        "{complaint_days} or once at a joint: a question, open a complaint? A knee or hip is spared from that report "
        "on, until it is answered. A settling complaint is spared like a present one; a past one is not."
    ),
    Rule.PAIN_SCALE: _evidence(
        "Below {amber_from} green, from {amber_from} amber, from {red_from} red. For tendon and muscle; bone and "
        "joint pain is always a question to a clinician.",
        "Silbernagel 2007, pain-monitoring model",
    ),
    Rule.PAIN_MORNING: _default(
        "Against the runner’s baseline at that site (intake, else the first {baseline_mornings} mornings’ median): "
        "{worse_by} or "
        "more above is a worse morning, {worse_mornings} of them in one week a worse week. From {red_from} red. "
        "Stiffness is shown, not judged."
    ),
    Rule.PAIN_STOP: _evidence(
        "A pop or sudden loss of push-off; calf swelling, warmth or redness; pain on one spot of bone, or hopping on "
        "it; a limp that stays after warming up: stop, targets on hold, closed only by a clinician with a note. "
        "A pop always means urgent care the same day; shortness of breath or chest pain means 911.",
        "standard warning signs; what follows is the program’s",
    ),
    Rule.PAIN_ASK: _default(
        f"Pain at night or at rest: a question to a clinician, read by {DEADLINE}; targets continue.",
        "the program’s, with Matthews 2021",
    ),
    Rule.PAIN_NOT_BETTER: _evidence(
        "Amber or more on most sessions in {not_better_weeks} weeks in a row; or the weekly median of sessions, "
        "mornings or daily life up by {rise_by} over {not_better_weeks} weeks; or stiffness doubled over them to more "
        "than {stiff_minutes} minutes; or no improvement after {improve_days} days: a question to a clinician and one "
        "honest sentence to the runner.",
        "Silbernagel 2007 asks that pain and stiffness do not rise from week to week; the numbers are the program’s",
    ),
    Rule.PAIN_TODAY: _default(
        "A red report is answered at once: rest tomorrow, what to leave out until it is below {amber_from}, a call "
        "if it is not below {amber_from} in {red_call_days} days. It stays until the next day’s report."
    ),
    Rule.LOAD_LONG_RUN: _evidence(
        "A run longer than {long_run_percent}% of the longest of the last {long_run_days} days (the intake’s answer "
        "counts too until the log covers them). The longest run given for a week stays within it through Sunday. A run "
        "that went beyond counts only once {long_run_quiet_days} days have followed it without a red report, a stop "
        "symptom or a worse morning, or once a clinician says so; until then the old longest counts. Distances "
        "are whole meters; half a meter is forgiven on both.",
        "BJSM 2025, 5,205 runners: hazard 1.64 for 10-30% beyond, 1.52 for 30-100%, 2.28 for more than double",
    ),
    Rule.LOAD_NOW: _default(
        "What a run warns of is shown on the screen that saves it and for the rest of the day, with what follows: "
        "tomorrow off, no hills this week; after red pain a call."
    ),
    Rule.LOAD_RETURN: _default(
        "{run_return_days} days or more without a run: the longest run of the first week back is {first_week_percent}% "
        "of what it was, of the second {second_week_percent}%; run and walk in turns where the runner likes."
    ),
    Rule.LOAD_STACKED: _clinic(
        "{stacked_stresses} or more new stresses within {stacked_days} days: {stacked_extra_m} m or more above the "
        "usual week (median of the last {usual_weeks}), a first hill route, first tempo repeats."
    ),
    Rule.LOAD_WEEKLY_JUMP: _evidence(
        "Weekly distance beyond {jump_percent}% of the week before: information.",
        "Nielsen 2014, not significant",
    ),
    Rule.LOAD_RECOVERY: _clinic(
        "{days_without_off} days without a day off, or hard sessions (long: {long_session_percent}% of the median "
        "run, hills, tempo, race, heavy strength) on {hard_days} days in a row: recover more.",
        "the clinic’s thesis; the numbers are the program’s",
    ),
    Rule.LOAD_WINDOW: _clinic(
        "Weeks {window_first_week} to {window_last_week} of the runner’s own training block: any warning is marked as "
        "more serious."
    ),
    Rule.LOAD_TREADMILL: _clinic(
        "Advice, never a warning: outdoors when possible; a winter is a good reason."
    ),
    Rule.STRIKE_OFFER: _clinic(
        "Phases 1-2, a present complaint at Achilles, calf, foot or inner shin, midfoot or forefoot strike: offered "
        "once a clinician approves.",
        "the clinic’s published method; the approval is the program’s",
    ),
    Rule.STRIKE_NEVER: _clinic(
        "A present knee or hip complaint, or pain of {amber_from} or more there in the log: not offered; a runner "
        "already on heel strike is asked to go back toward midfoot, and the reason is given. Only in the past: a "
        "question.",
        "the clinic’s reasoning",
    ),
    Rule.STRIKE_SHIN: _evidence("Front-of-shin pain: a question to a clinician.", "Barton 2016"),
    Rule.STRIKE_VOLUME: _clinic(
        "{volume_cut_percent}% less than the usual week, for {volume_days} days.",
        "the clinic’s published method; the numbers are the program’s",
    ),
    Rule.STRIKE_RETURN: _clinic(
        "Reviewed after {strike_review_days} days; back toward midfoot over {strike_return_days} days, volume cut "
        "again; over by phase 3.",
        "the clinic’s published method; the numbers are the program’s",
    ),
    Rule.DECISION_WEEK: _default(
        "One decision per runner and local week, from the log as of the cut-off. An entry counts once: in the week "
        "just ended, or, when it came late, in the next decision. So does a correction that makes an entry worse "
        "(redder pain, a worse morning, a stop or ask symptom). A paused or withdrawn runner gets none."
    ),
    Rule.DECISION_NOW: _default(
        "A stop flag, a pause, a phase decision or a hand-set value makes a new revision of the week, from the same "
        "log: it gives the same raise again, never a second one."
    ),
    Rule.DECISION_BY_HAND: _default(
        f"A clinician’s cadence ({HAND_CADENCE_SPM[0]} to {HAND_CADENCE_SPM[1]}) or dose stays until they "
        "end it; a cadence set for a coming week stays for "
        "that week alone; one ended in mid-week stays until Monday. A stop flag puts them on hold, too."
    ),
    Rule.DECISION_QUIET: _default(
        "Several decisions by people within {quiet_minutes} minutes make one revision and one email."
    ),
    Rule.CHALLENGE_FINISH: _default(
        "The Monday after the last week: from start to now, the phase reached, how to keep going on your own, the "
        "survey, a call."
    ),
}
