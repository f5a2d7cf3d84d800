"""Every sentence of the method with invented facts: `python -m tests.protocol.spoken > docs/sentences.md`."""

import sys

from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.vocabulary import Rule

SAID: list[tuple[Reason, str, str]] = [
    (reason_for(Rule.CADENCE_BASELINE, measured_runs=1), "count every step", "(1 this week)"),
    (
        reason_for(Rule.CADENCE_BASELINE, stated_spm=180, baseline_spm=158, target_spm=165),
        "now 165",
        "stated a baseline of 180",
    ),
    (
        reason_for(Rule.CADENCE_RAISE, first=True, level_spm=160, target_spm=168),
        "160, raised once",
        "raised once: 168",
    ),
    (
        reason_for(Rule.CADENCE_RAISE, first=True, level_spm=175, target_spm=180),
        "of 175, raised once to 180, which is as high as we go",
        "baseline of 175, raised once to 180",
    ),
    (
        reason_for(Rule.CADENCE_RAISE, level_spm=168, target_spm=176),
        "about a fifth",
        "168 times 1.05, rounded down, is 176",
    ),
    (
        reason_for(Rule.CADENCE_RAISE, level_spm=170, target_spm=178, from_spm=160),
        "You already run at 170, so we build on that instead of 160.",
        "Easy runs at 170 lift the target from 160 to 178.",
    ),
    (
        reason_for(Rule.CADENCE_CAP, level_spm=176, target_spm=180, from_spm=160),
        "You already run at 176, so you go from 160 to 180, which is as high as we go.",
        "Easy runs at 176 lift the target from 160 to the cap of 180.",
    ),
    (reason_for(Rule.CADENCE_CAP, baseline_spm=186), "already run at 186", "at or above 180"),
    (reason_for(Rule.CADENCE_CAP, target_spm=180), "180 is as high as we go", "180 is the cap"),
    (
        reason_for(Rule.CADENCE_CAP, CLINIC.altered(cap_spm=182), target_spm=180),
        "182 is as high as we go",
        "182 is the cap",
    ),
    (
        reason_for(Rule.CADENCE_WEEKLY, runs=1, on_target=1, from_spm=160, target_spm=168),
        "1 run last week, 1 on target, so you go from 160 to 168",
        "(1 run, 1 on target)",
    ),
    (
        reason_for(Rule.CADENCE_WEEKLY, runs=4, late=2, on_target=3, from_spm=160, target_spm=168),
        "4 runs, 2 of them logged late, 3 on target, so you go from 160 to 168",
        "(4 runs, 2 late, 3 on target)",
    ),
    (
        reason_for(Rule.CADENCE_FIVE_RUNS, raised=True, done=5, from_spm=168, target_spm=176),
        "5 runs on target at 168, so your cadence is now 176",
        "5 on-target runs at 168 (5 needed), so the target goes up to 176",
    ),
    (
        reason_for(Rule.CADENCE_FIVE_RUNS, done=2, target_spm=168),
        "2 of 5",
        "2 of 5 on-target runs at 168 are done",
    ),
    (
        reason_for(Rule.CADENCE_FIVE_RUNS, done=2, target_spm=168, not_there_yet=True),
        "Not there yet: 168 stays",
        "fewer than two on target",
    ),
    (
        reason_for(Rule.CADENCE_ON_TARGET, target_spm=168, low_spm=165),
        "is 165 or more",
        "target is 168",
    ),
    (reason_for(Rule.CADENCE_HOLD_PAIN, stop_flag=True), "on hold until a clinician", "A stop flag is open"),
    (
        reason_for(Rule.CADENCE_HOLD_PAIN, target_spm=168, reds=2),
        "red pain in your log",
        "because of 2 reports of red pain.",
    ),
    (
        reason_for(Rule.CADENCE_HOLD_PAIN, target_spm=168, reds=0, worse_week=True),
        "168 because of two mornings worse",
        "because of 2 or more worse mornings in one week.",
    ),
    (
        reason_for(Rule.CADENCE_HOLD_PAIN, target_spm=168, reds=0, worse_week=False, daily_life=True),
        "168 because of a red day in daily life",
        "because of red pain in daily life.",
    ),
    (reason_for(Rule.CADENCE_HOLD_NO_DATA, target_spm=168), "so 168 stays", "168 stays"),
    (reason_for(Rule.CADENCE_HOLD_NO_DATA, target_spm=168, back=True), "Welcome back", "away for a while"),
    (
        reason_for(Rule.CADENCE_STUCK, target_spm=168, decisions=3),
        "one minute out of every five",
        "At the last 3 decisions there were measured runs",
    ),
    (
        reason_for(Rule.CADENCE_UNMEASURED, weeks=3, measured=False, target_spm=None),
        "Three weeks of runs, and no cadence",
        "no measured cadence",
    ),
    (
        reason_for(Rule.CADENCE_UNMEASURED, weeks=3, measured=False, target_spm=None, walked=True),
        "takes in your walking breaks",
        "their averages can’t count",
    ),
    (
        reason_for(Rule.CADENCE_UNMEASURED, weeks=6, measured=True, target_spm=168),
        "Six weeks of measured runs, and none at 168",
        "none close enough to 168",
    ),
    (reason_for(Rule.CADENCE_REVIEW, target_spm=177, baseline_spm=160), "started (160)", "Heiderscheit 2011"),
    (reason_for(Rule.PHASE_START, calm=True), "we suggest phase 2", "phase 2 is proposed right away"),
    (reason_for(Rule.PHASE_START), "start in phase 1", "runner starts in phase 1"),
    (
        reason_for(Rule.PHASE_PROPOSE_2, days=7),
        "a week in phase 1 with no red pain",
        "in phase 1 for 7 days",
    ),
    (reason_for(Rule.PHASE_PROPOSE_3, days=28), "strength for phase 3", "in phase 2 for 28 days"),
    (
        reason_for(Rule.PHASE_PROPOSE_BACK, reds=2),
        "2 reports of red pain within 7 days: a step back",
        "a step back is proposed",
    ),
    (
        reason_for(Rule.PHASE_PROPOSE_BACK, worse_weeks=2),
        "2 weeks in a row with repeated worse mornings",
        "2 weeks in a row with repeated worse mornings",
    ),
    (
        reason_for(Rule.PHASE_PROPOSE_BACK, reds=2, worse_weeks=0, phase=1),
        "2 reports of red pain within 7 days: a clinician will look",
        "no phase before phase 1, so please look",
    ),
    (reason_for(Rule.PHASE_STAY, phase=2, missing=1), "stay in phase 2", "1 thing is still needed"),
    (reason_for(Rule.PHASE_STAY, phase=3, missing=0), "in phase 3, the last one", "nothing to decide"),
    (reason_for(Rule.EXERCISE_CONTENT, phase=1), "leave sprints", "Phase 1 is isometrics"),
    (reason_for(Rule.EXERCISE_CONTENT, phase=2), "heavy and slow", "Phase 2 is heavy slow"),
    (reason_for(Rule.EXERCISE_CONTENT, phase=3), "short and quiet", "Phase 3 is plyometrics"),
    (
        reason_for(Rule.EXERCISE_DOSE, exercise="arch_raise", note=""),
        "without red pain.",
        "Arch raise goes one step up",
    ),
    (reason_for(Rule.EXERCISE_DOSE, exercise="arch_raise", note="heavier"), "Now: heavier.", "Now: heavier."),
    (
        reason_for(Rule.EXERCISE_APPROVAL, easier=True, exercises="Skips"),
        "easier form until",
        "Skips: the easier form",
    ),
    (
        reason_for(Rule.EXERCISE_APPROVAL, site="knee", exercises="Skips"),
        "waiting for a clinician",
        "load the sore knee",
    ),
    (
        reason_for(Rule.EXERCISE_APPROVAL, site="knee", exercises="Skips", logged=True),
        "waiting for a clinician’s OK, because your log says your knee hurts",
        "load the sore knee",
    ),
    (reason_for(Rule.EXERCISE_RETURN, days=30, steps=2), "start two steps lower", "two steps down"),
    (
        reason_for(Rule.EXERCISE_RETURN, days=30, steps=2, asked=True),
        "Welcome back",
        "two steps down. Does the plan",
    ),
    (reason_for(Rule.EXERCISE_RETURN, days=30, steps=0), "start at the first step", "at the first step"),
    (
        reason_for(Rule.EXERCISE_TRACK, site="knee", exercises="Wall sit, Step down"),
        "Exercises for your knee begin once",
        "Approve exercises for it (Wall sit, Step down)",
    ),
    (
        reason_for(Rule.EXERCISE_TRACK, site="knee", cut=True, minutes=45),
        "a session stays under 45 minutes",
        "exercises for the knee.",
    ),
    (
        reason_for(Rule.COMPLAINT_OPEN, site="knee", side="left", pain=5, days=2, joint=True, guarded=True),
        "Until then, your plan goes easy on it.",
        "pain of 5 at the left knee, on 2 days within 14. Open a complaint? The plan already goes easy on it",
    ),
    (
        reason_for(Rule.COMPLAINT_OPEN, site="ankle", side=None, pain=5, days=1, joint=True, guarded=False),
        "Your log says your ankle hurts",
        "pain of 5 at the ankle, a joint. Open a complaint?",
    ),
    (
        reason_for(Rule.COMPLAINT_OPEN, site="calf", side="both", pain=5, days=1, joint=False, guarded=False),
        "Your log says your calf hurts",
        "pain of 5 at the calf, on one day. Open a complaint?",
    ),
    (reason_for(Rule.PAIN_SCALE, pain=6, color="red"), "Red: ease off", "Pain of 6 is red."),
    (reason_for(Rule.PAIN_SCALE, pain=4, color="amber"), "Amber: acceptable", "Pain of 4 is amber."),
    (
        reason_for(Rule.PAIN_SCALE, pain=1, color="green", joint=True, site="knee"),
        "The scale is for",
        "a joint",
    ),
    (
        reason_for(Rule.PAIN_SCALE, pain=7, color="red", joint=True, site="knee"),
        "Your next target stays where it is. The scale is for tendons and muscles, not joints, so a",
        "Pain of 7 at the knee, a joint",
    ),
    (reason_for(Rule.PAIN_SCALE, joint=True, site="hip"), "look at your hip", "pain is at the hip"),
    (
        reason_for(Rule.PAIN_SCALE, pain=7, daily_life=True),
        "a lot for a normal day",
        "Pain in daily life is 7",
    ),
    (
        reason_for(Rule.PAIN_MORNING, pain=4, baseline=1),
        "worse than your usual",
        "Morning pain was 4, and the baseline is 1",
    ),
    (
        reason_for(Rule.PAIN_STOP, symptom="pop"),
        "Go to urgent care today",
        "stop flag is open (a pop or a sudden loss of push-off)",
    ),
    (
        reason_for(Rule.PAIN_STOP, symptom="calf_swelling"),
        "Get it checked today, even at night",
        "stop flag is open (calf swelling, warmth or redness)",
    ),
    (
        reason_for(Rule.PAIN_STOP, symptom="bone_spot"),
        "bone stress injury",
        "stop flag is open (pain in one spot on a bone, or when hopping",
    ),
    (
        reason_for(Rule.PAIN_STOP, symptom="limp"),
        "A limp that stays",
        "stop flag is open (a limp that stays after warming up)",
    ),
    (reason_for(Rule.PAIN_STOP, symptom=None), "Stop running now.", "opened by a clinician"),
    (reason_for(Rule.PAIN_ASK, symptom="night_pain"), "targets continue", "reported night pain"),
    (
        reason_for(Rule.PAIN_NOT_BETTER, why="amber"),
        "doesn’t show the pain getting better yet",
        "amber or red in most sessions, three weeks in a row",
    ),
    (reason_for(Rule.PAIN_NOT_BETTER, why="rising"), "worth a look", "up by 2 or more over three weeks"),
    (reason_for(Rule.PAIN_NOT_BETTER, why="stiff"), "worth a look", "to more than 20 minutes"),
    (reason_for(Rule.PAIN_NOT_BETTER, why="flat"), "worth a look", "no improvement in four weeks"),
    (reason_for(Rule.PAIN_TODAY, pain=7), "until your pain is below 4 again", "still 4 or more in two days"),
    (
        reason_for(Rule.PAIN_TODAY, pain=7, later=True, days_left=1),
        "still 4 or more tomorrow",
        "still 4 or more in two days",
    ),
    (
        reason_for(Rule.PAIN_TODAY, pain=7, later=True, days_left=0),
        "still 4 or more, call us today",
        "still 4 or more in two days",
    ),
    (
        reason_for(Rule.LOAD_LONG_RUN, distance_m=17864, limit_m=17703, longest_m=16093),
        "11.1 mi was more than a tenth longer than your longest run of the last 30 days (10.0 mi); 11.0 mi would",
        "The long run was 11.1 mi, and the longest of the last 30 days is 10.0 mi",
    ),
    (
        reason_for(Rule.LOAD_LONG_RUN, distance_m=17864, limit_m=17703, longest_m=16093, from_intake=True),
        "longer than the longest run you told us about (10.0 mi); 11.0 mi would have been within your limit. Keep",
        "The long run was 11.1 mi, and the longest in the intake is 10.0 mi",
    ),
    (
        reason_for(Rule.LOAD_LONG_RUN, distance_m=17864, limit_m=17703, longest_m=16093, allowed=True),
        "11.0 mi would have been within your limit then.",
        "The long run was 11.1 mi",
    ),
    (
        reason_for(Rule.LOAD_LONG_RUN, limit_m=17703, longest_m=16093),
        "up to 11.0 mi",
        "The longest run of the last 30 days is 10.0 mi",
    ),
    (
        reason_for(Rule.LOAD_LONG_RUN, limit_m=17703, longest_m=16093, from_intake=True, before_day="Sunday"),
        "up to 11.0 mi (about a tenth more than 10.0 mi, the longest you told us about).",
        "The longest run in the intake is 10.0 mi, so the limit is 11.0 mi",
    ),
    (
        reason_for(
            Rule.LOAD_LONG_RUN, limit_m=17703, longest_m=16093, from_intake=False, before_day="Sunday"
        ),
        "up to 11.0 mi (about a tenth more than 10.0 mi, your longest of the 30 days before Sunday).",
        "The longest run of the 30 days before Sunday is 10.0 mi",
    ),
    (
        reason_for(
            Rule.LOAD_LONG_RUN,
            limit_m=17703,
            longest_m=16093,
            break_on="2026-01-15",
            break_m=8047,
            break_days=14,
        ),
        "If your next run is on Thursday or later, that’s two weeks without one: then keep it to 5.0 mi.",
        "If the next run is on Thursday or later, that is two weeks without one",
    ),
    (
        reason_for(Rule.LOAD_LONG_RUN, limit_m=11_265, longest_m=16_093, cut=True),
        "Longest run this week: up to 7.0 mi.",
        "Volume is cut, so the limit is 7.0 mi",
    ),
    (
        reason_for(
            Rule.LOAD_LONG_RUN, distance_m=22370, limit_m=14163, longest_m=12875, from_intake=False, held=True
        ),
        "longer than the longest run of yours that counts so far (8.0 mi); 8.8 mi would have been within your limit",
        "The long run was 13.9 mi, and the longest that counts is 8.0 mi: 30-100",
    ),
    (
        reason_for(
            Rule.LOAD_LONG_RUN,
            limit_m=14163,
            longest_m=12875,
            beyond_m=22370,
            beyond_on="2026-01-10",
            sore=False,
        ),
        "It raises the limit after 7 days without red pain or a worse morning",
        "The run of 13.9 mi counts after 7 days",
    ),
    (
        reason_for(
            Rule.LOAD_LONG_RUN,
            limit_m=8851,
            longest_m=8047,
            beyond_m=24140,
            beyond_on="2026-01-10",
            sore=True,
        ),
        "your body let you know within 7 days, so it doesn’t raise this limit unless a clinician says so.",
        "The run of 15.0 mi doesn’t count",
    ),
    (
        reason_for(Rule.LOAD_LONG_RUN, limit_m=None, longest_m=None),
        "start short and easy",
        "no limit was computed",
    ),
    (
        reason_for(Rule.LOAD_NOW, distance_m=23_335, limit_m=14_806),
        "You ran 14.5 mi, beyond your limit of 9.2 mi. Take tomorrow off, and no hills this week.",
        "The runner ran 14.5 mi with a limit of 9.2 mi and was asked",
    ),
    (
        reason_for(Rule.LOAD_NOW, distance_m=24_140, limit_m=8851, far=True, red=True),
        "You ran 15.0 mi, far beyond your limit of 5.5 mi, and it hurt. Rest, no hills this week, and call us.",
        "with red pain, and was asked to rest and to call",
    ),
    (
        reason_for(Rule.LOAD_NOW, stacked=True),
        "several new things at once. Take tomorrow off",
        "asked to take",
    ),
    (reason_for(Rule.LOAD_NOW), "a lot without a rest. Take tomorrow off", "asked to take"),
    (
        reason_for(Rule.LOAD_RETURN, limit_m=8047, longest_m=16_093, percent=50),
        "Welcome back. Longest run this week: up to 5.0 mi, half of what it was.",
        "After 14 days or more without a run, the limit is 5.0 mi, half of 10.0 mi.",
    ),
    (
        reason_for(Rule.LOAD_RETURN, limit_m=12_070, longest_m=16_093, percent=75),
        "up to 7.5 mi, three quarters of what it was",
        "three quarters of 10.0 mi",
    ),
    (
        reason_for(Rule.LOAD_RETURN, limit_m=8047, longest_m=16_093, percent=50, distance_m=12_875),
        "8.0 mi was a lot after time off; 5.0 mi would have been within your limit.",
        "ran 8.0 mi after time off from running; the limit was 5.0 mi.",
    ),
    (
        reason_for(Rule.LOAD_STACKED, extra_m=3219, first_hills=True, first_tempo=True),
        "2.0 mi more than a usual week, a first hill route, first tempo repeats",
        "Several stresses",
    ),
    (
        reason_for(Rule.LOAD_STACKED, first_hills=True, first_tempo=True),
        ": a first hill route, first tempo",
        "7 days: a first",
    ),
    (
        reason_for(Rule.LOAD_STACKED, extra_m=3219, first_hills=True),
        "a first hill route. One",
        "usual week, a first hill",
    ),
    (
        reason_for(Rule.LOAD_STACKED, extra_m=3219, first_tempo=True),
        "week, first tempo",
        "week, first tempo repeats",
    ),
    (reason_for(Rule.LOAD_WEEKLY_JUMP, now_m=16093, before_m=9656), "from 6.0 mi to 10.0 mi", "Nielsen 2014"),
    (
        reason_for(Rule.LOAD_RECOVERY, training_streak=7, hard_streak=3),
        "7 days without a day off",
        "3 days in a row were hard",
    ),
    (
        reason_for(Rule.LOAD_RECOVERY, training_streak=31, hard_streak=1),
        "31 days without a day off",
        "trained 31 days in a row.",
    ),
    (
        reason_for(Rule.LOAD_RECOVERY, training_streak=6, hard_streak=3),
        "Hard sessions 3 days in a row",
        "trained 6 days in a row",
    ),
    (reason_for(Rule.LOAD_WINDOW, week=5), "week 5 of your training block", "week 5 of"),
    (reason_for(Rule.LOAD_TREADMILL, treadmill_runs=2, runs=3), "Minnesota winter", "2 of 3 runs"),
    (
        reason_for(Rule.STRIKE_OFFER, site="inner_shin", strike="forefoot"),
        "may take load off",
        "inner shin complaint and a forefoot",
    ),
    (
        reason_for(Rule.STRIKE_NEVER, site="knee", past=True),
        "you’ve had knee trouble before",
        "knee complaint is only in the past",
    ),
    (reason_for(Rule.STRIKE_NEVER, site="knee"), "load onto your knee", "is not offered."),
    (
        reason_for(Rule.STRIKE_NEVER, site="knee", logged=True),
        "load onto your knee",
        "log reports pain at the knee",
    ),
    (
        reason_for(Rule.STRIKE_NEVER, site="knee", under_way=True, back=True, limit_m=21000),
        "load onto your knee: please go back toward midfoot, a little each run, and keep each week to 13.0 mi or less.",
        "The runner was asked to go back toward midfoot, and to keep each week to 13.0 mi or less.",
    ),
    (
        reason_for(Rule.STRIKE_NEVER, site="knee", under_way=True),
        "with you whether to keep going with it",
        "End heel strike?",
    ),
    (
        reason_for(Rule.STRIKE_NEVER, site="knee", under_way=True, logged=True, limit_m=21000),
        "go back toward midfoot, a little each run, and keep each week to 13.0 mi or less.",
        "Knee pain began during heel strike. The runner was asked to go back toward midfoot, and to",
    ),
    (
        reason_for(Rule.STRIKE_NEVER, site="hip", under_way=True, logged=True),
        "please go back toward midfoot, a little each run. A clinician",
        "asked to go back toward midfoot. End heel strike?",
    ),
    (reason_for(Rule.STRIKE_SHIN), "may load the front of the shin more", "Barton 2016"),
    (
        reason_for(Rule.STRIKE_VOLUME, limit_m=21000, days=3),
        "run 30% less for two weeks: up to 13.0 mi",
        "Day 3",
    ),
    (
        reason_for(Rule.STRIKE_VOLUME, limit_m=None, days=3),
        "run 30% less for two weeks.",
        "two weeks.",
    ),
    (reason_for(Rule.STRIKE_RETURN, over=True), "is over. Go back to landing", "Heel strike is over"),
    (
        reason_for(Rule.STRIKE_RETURN, review=True, days=14),
        "Two weeks are over",
        "Heel strike has lasted 14 days",
    ),
    (
        reason_for(Rule.STRIKE_RETURN, review=True, days=14, limit_m=21000),
        "when you go back. Until then, run up to 13.0 mi a week.",
        "the way back. Until then, run up to 13.0 mi a week.",
    ),
    (
        reason_for(Rule.STRIKE_RETURN, days=3, limit_m=21000),
        "run less again while you do, and keep each week to 13.0 mi or less",
        "Day 3",
    ),
    (reason_for(Rule.STRIKE_RETURN, days=3, limit_m=None), "run less again while you do.", "cut again."),
    (reason_for(Rule.DECISION_WEEK, state="paused"), "You’re paused", "the runner is paused"),
    (reason_for(Rule.DECISION_WEEK, state="withdrawn"), "You’ve left", "the runner has withdrawn"),
    (reason_for(Rule.DECISION_WEEK), "We work out your week from your log", "the weekly decision"),
    (reason_for(Rule.DECISION_NOW, revision=2), "worked out again", "revision 2"),
    (
        reason_for(Rule.DECISION_BY_HAND, target_spm=165),
        "set your cadence to 165",
        "set to 165 by hand, until",
    ),
    (
        reason_for(Rule.DECISION_BY_HAND, target_spm=165, one_week=True),
        "set your cadence to 165 for this week only",
        "set to 165 by hand, for this week only",
    ),
    (
        reason_for(Rule.DECISION_BY_HAND, target_spm=165, ended=True),
        "165 stays until Monday",
        "cadence of 165 set by hand ended",
    ),
    (
        reason_for(Rule.DECISION_BY_HAND, exercise="arch_raise"),
        "set this dose",
        "Arch raise has a dose set by hand",
    ),
    (
        reason_for(Rule.DECISION_BY_HAND, exercise="leg_press", added=True),
        "chose this one",
        "Leg press was added by hand",
    ),
    (reason_for(Rule.DECISION_QUIET), "several things at once", "within 10 minutes became one revision"),
    (
        reason_for(Rule.CHALLENGE_FINISH, weeks=12, phase=3),
        "12 weeks done, phase 3 reached",
        "is now in phase 3",
    ),
]


def text() -> str:
    """The page clinicians read the copy on: rule and facts, then the three sentences."""
    lines = [_HEAD]
    for reason, _, _ in SAID:
        told = ", ".join(f"{name} {value}" for name, value in reason.facts)
        lines.append(f"| `{reason.rule}`<br>{told} | {reason.runner} | {reason.clinician} | {reason.email} |")
    return "\n".join(lines) + "\n"


_HEAD = """# What the rules say

Every rule with invented facts, in its three voices. Made from the code; a test fails when they differ. The email never
speaks of pain or a diagnosis.

| rule and facts | on the runner's page | to the clinician | in an email |
| --- | --- | --- | --- |"""

if __name__ == "__main__":
    sys.stdout.write(text())
