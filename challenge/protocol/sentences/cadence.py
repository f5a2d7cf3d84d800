"""The sentences of the cadence rules."""

from __future__ import annotations

from challenge.protocol.sentences.facts import FactReader, Sentences, Writer, count
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import count_in_words, in_words

_HELD = "Your cadence stays where it is this week; your page says why."
# The clinic's rule of thumb holds for a step of this size, so it is quoted for no other one.
_RULE_OF_THUMB_PERCENT = 5


def _baseline(f: FactReader) -> Sentences:
    if f.yes("stated_spm"):
        stated, measured, target = f.number("stated_spm"), f.number("baseline_spm"), f.number("target_spm")
        return Sentences(
            f"Your first measured runs show {measured}, not the {stated} we started from. Your target is "
            f"now {target}.",
            f"The runner stated a baseline of {stated}, but the median of the first measured runs is {measured}, more "
            f"than {f.number('correction_below_spm')} below. It replaces the baseline, and the target is set to "
            f"{target}. This happens once.",
            f"Your first measured runs gave us a better starting point: your target is {target}.",
        )
    how = "On an easy run, count every step of both feet for a minute, or use the metronome page."
    return Sentences(
        f"We don’t know your cadence yet, so there’s no number this week. {how}",
        "There is no baseline yet: the runner stated none, and there are too few measured runs "
        f"({f.number('measured_runs')} this week).",
        f"We don’t have a cadence number for you yet. {how}",
    )


def _raise(f: FactReader) -> Sentences:
    level, target, percent = f.number("level_spm"), f.number("target_spm"), f.number("raise_percent")
    if f.yes("first") and level * (100 + percent) // 100 > target:
        up_to = f"raised once to {target}, which is as high as we go"
        return Sentences(
            f"Your first target is {target}: your starting cadence of {level}, {up_to}.",
            f"The first target is the baseline of {level}, {up_to}.",
            f"Your first target is {target}: your starting cadence of {level}, {up_to}.",
        )
    if f.yes("first"):
        return Sentences(
            f"Your first target is {target}: your starting cadence of {level}, raised once by {percent}%.",
            f"The first target is the baseline of {level} raised once: {target}.",
            f"Your first target is {target}: your starting cadence of {level}, raised once by {percent}%.",
        )
    is_whole = level * percent % 100 == 0
    raised = f"{level} plus {percent}% is {target}{'' if is_whole else ', rounded down'}."
    if f.yes("from_spm"):
        lifted = f"You already run at {level}, so we build on that instead of {f.number('from_spm')}."
        return Sentences(
            f"{lifted} {raised}",
            f"Easy runs at {level} lift the target from {f.number('from_spm')} to {target}.",
            lifted,
        )
    return Sentences(
        f"{raised} {_rule_of_thumb(percent)}".strip(),
        f"{level} times {(100 + percent) / 100:.2f}{'' if is_whole else ', rounded down,'} is {target}.",
        raised,
    )


def _rule_of_thumb(percent: int) -> str:
    if percent != _RULE_OF_THUMB_PERCENT:
        return ""
    return f"The clinic’s rule of thumb: a cadence {percent}% higher takes about a fifth of the load off each footfall."


def _cap(f: FactReader) -> Sentences:
    cap = f.number("cap_spm")
    if f.yes("baseline_spm"):
        have = f.number("baseline_spm")
        return Sentences(
            f"You already run at {have}, and {cap} is as high as we go, so you don’t need a cadence target. Keep "
            "your rhythm.",
            f"The baseline of {have} is at or above {cap}, so there is no cadence target.",
            f"You already run at {have}; {cap} is as high as we go, so you don’t need a cadence target.",
        )
    if f.yes("from_spm"):
        level, before = f.number("level_spm"), f.number("from_spm")
        lifted = f"You already run at {level}, so you go from {before} to {cap}, which is as high as we go."
        return Sentences(
            lifted, f"Easy runs at {level} lift the target from {before} to the cap of {cap}.", lifted
        )
    return Sentences(
        f"{cap} is as high as we go. Never force it: keep it comfortable.",
        f"{cap} is the cap, so there is no further raise.",
        f"{cap} is as high as we go: keep it comfortable.",
    )


def _weekly(f: FactReader) -> Sentences:
    target, before = f.number("target_spm"), f.number("from_spm")
    runs, hits, late = count(f.number("runs"), "run"), f.number("on_target"), f.number("late")
    when = f", {late} of them logged late" if late else " last week"
    return Sentences(
        f"{runs}{when}, {hits} on target, so you go from {before} to {target}.",
        f"The week was consistent ({runs}{f', {late} late' if late else ''}, {hits} on target), so the target goes "
        f"from {before} to {target}.",
        f"A consistent week behind you: your cadence goes from {before} to {target}.",
    )


def _five_runs(f: FactReader) -> Sentences:
    target, done, need = f.number("target_spm"), f.number("done"), f.number("five_runs")
    if f.yes("raised"):
        return Sentences(
            f"{count(done, 'run')} on target at {f.number('from_spm')}, so your cadence is now {target}.",
            f"{count(done, 'on-target run')} at {f.number('from_spm')} ({need} needed), so the target goes up to "
            f"{target}.",
            f"You’ve earned the next step: your cadence is {target}.",
        )
    if f.yes("not_there_yet"):
        runs = in_words(f.number("consistent_runs")).capitalize()
        hits = in_words(f.number("consistent_on_target"))
        return Sentences(
            f"Not there yet: {target} stays. {done} of {need} runs on target so far; give it time.",
            f"{runs} or more runs, but fewer than {hits} on target, so {target} stays ({done} of {need} on-target "
            "runs).",
            f"Your cadence stays at {target}; there’s no hurry.",
        )
    return Sentences(
        f"{done} of {need} runs on target, so {target} stays. The next step comes at {need}.",
        f"{done} of {need} on-target runs at {target} are done, so it stays.",
        f"Your cadence stays at {target}: {done} of {need} runs on target.",
    )


def _on_target(f: FactReader) -> Sentences:
    minutes = f.number("on_target_minutes")
    counts = (
        f"A run counts as on target when your cadence is {f.number('low_spm')} or more, over at least {minutes} "
        "minutes of running."
    )
    low = f"A run counts as on target at {f.number('low_spm')} or more, over at least {minutes} running minutes."
    return Sentences(
        counts, f"{low} The target is {f.number('target_spm')}; the running-only median counts.", counts
    )


def _hold_pain(f: FactReader) -> Sentences:
    if f.yes("stop_flag"):
        return Sentences(
            "Your targets are on hold until a clinician has talked with you.",
            "A stop flag is open, so there is no cadence target until it is closed.",
            "Your targets are on hold this week. Please get in touch with us.",
        )
    mornings = f"{in_words(f.number('worse_mornings'))} mornings worse than usual"
    cause = (
        "red pain in your log"
        if f.yes("reds")
        else "a red day in daily life"
        if f.yes("daily_life")
        else mornings
    )
    return Sentences(
        f"Your target stays at {f.number('target_spm')} because of {cause}. Let it settle first, then we’ll go on.",
        f"There is no raise, because of {_pain_causes(f)}.",
        _HELD,
    )


def _pain_causes(f: FactReader) -> str:
    """Return what holds the raise, for a clinician; without any of the three, the mornings, as on the page."""
    mornings = f.number("worse_mornings")
    several = f"{mornings} or more worse mornings in one week" if mornings > 1 else "a worse morning"
    causes = [count(f.number("reds"), "report") + " of red pain"] if f.yes("reds") else []
    causes += ["red pain in daily life"] if f.yes("daily_life") else []
    causes += [several] if f.yes("worse_week") or not causes else []
    return " and ".join(causes)


def _no_data(f: FactReader) -> Sentences:
    target = f.number("target_spm")
    if f.yes("back"):
        back = f"Welcome back. Your cadence stays at {target}."
        return Sentences(back, f"The runner was away for a while, so {target} stays.", back)
    return Sentences(
        f"Nothing was logged last week, so {target} stays. Pick up where you left off.",
        f"Nothing was logged, so {target} stays.",
        f"Your cadence stays at {target} this week.",
    )


def _stuck(f: FactReader) -> Sentences:
    target, weeks = f.number("target_spm"), f.number("decisions")
    tip = "Try the metronome for one minute out of every five."
    return Sentences(
        f"{target} hasn’t come easily. {tip} A clinician will check whether another number works better for you.",
        f"At the last {weeks} decisions there were measured runs, but none close enough to {target}. Should "
        "the target be lower?",
        f"Your cadence stays at {target}. {tip}",
    )


def _unmeasured(f: FactReader) -> Sentences:
    weeks, target = count_in_words(f.number("weeks"), "week"), f.number("target_spm")
    tip = "On an easy run, use the metronome, tap along, or count every step of both feet for a minute."
    if f.yes("measured"):
        return Sentences(
            f"{weeks.capitalize()} of measured runs, and none at {target} yet. {tip} A clinician will look at it, too.",
            f"{weeks.capitalize()} had measured runs, but none close enough to {target}. Would another number help, or "
            "another way to keep to it?",
            f"Your cadence stays at {target}. {tip}",
        )
    if f.yes("walked"):
        why = (
            "A watch’s average takes in your walking breaks, so it’s lower than how you run and can’t count."
        )
        return Sentences(
            f"{weeks.capitalize()} of runs, and no running cadence from them yet. {why} {tip} A clinician can "
            "help if you like.",
            f"{weeks.capitalize()} had runs with walking breaks, and their averages can’t count. How could this runner "
            "measure the running parts?",
            f"We’d like to know your cadence. {why} {tip}",
        )
    return Sentences(
        f"{weeks.capitalize()} of runs, and no cadence from them yet. {tip} A clinician can help if you like.",
        f"{weeks.capitalize()} had runs but no measured cadence. How could this runner measure it?",
        f"We’d like to know your cadence. {tip}",
    )


def _review(f: FactReader) -> Sentences:
    target, base, percent = f.number("target_spm"), f.number("baseline_spm"), f.number("review_percent")
    return Sentences(
        f"{target} is more than {percent}% above where you started ({base}). A clinician will take a look at your "
        "running form.",
        f"The target of {target} is more than {percent}% above the baseline of {base} for the first time. Please look "
        "at the runner’s form. "
        "A study tested 10% above and 10% below the usual cadence (Heiderscheit 2011).",
        "You’ve come a long way from where you started. A clinician will take a look at your running form.",
    )


WRITERS: dict[Rule, Writer] = {
    Rule.CADENCE_BASELINE: _baseline,
    Rule.CADENCE_RAISE: _raise,
    Rule.CADENCE_CAP: _cap,
    Rule.CADENCE_WEEKLY: _weekly,
    Rule.CADENCE_FIVE_RUNS: _five_runs,
    Rule.CADENCE_ON_TARGET: _on_target,
    Rule.CADENCE_HOLD_PAIN: _hold_pain,
    Rule.CADENCE_HOLD_NO_DATA: _no_data,
    Rule.CADENCE_STUCK: _stuck,
    Rule.CADENCE_UNMEASURED: _unmeasured,
    Rule.CADENCE_REVIEW: _review,
}
