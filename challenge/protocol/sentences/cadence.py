"""The sentences of the cadence rules."""

from __future__ import annotations

from challenge.protocol.sentences.facts import FactReader, Sentences, Writer, count
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import count_in_words, in_words

_HELD = "We hold your cadence this week; the reason is on your page."
# The clinic's rule of thumb holds for a step of this size, so it is quoted for no other one.
_RULE_OF_THUMB_PERCENT = 5


def _baseline(f: FactReader) -> Sentences:
    if f.yes("stated_spm"):
        stated, measured, target = f.number("stated_spm"), f.number("baseline_spm"), f.number("target_spm")
        return Sentences(
            f"Your first measured runs show {measured}, not the {stated} we started from. Your target is "
            f"now {target}.",
            f"Stated baseline {stated}; median of the first measured runs {measured}, more than "
            f"{f.number('correction_below_spm')} below. Baseline replaced, target set to {target}. This happens once.",
            f"Your first measured runs gave us a better starting point: your target is {target}.",
        )
    how = "On an easy run, count every step of both feet for a minute, or use the metronome page."
    return Sentences(
        f"We don’t know your cadence yet, so there’s no number this week. {how}",
        f"No baseline: nothing stated, and too few measured runs ({f.number('measured_runs')} counted "
        "this week).",
        f"We don’t have a cadence number for you yet. {how}",
    )


def _raise(f: FactReader) -> Sentences:
    level, target, percent = f.number("level_spm"), f.number("target_spm"), f.number("raise_percent")
    if f.yes("first") and level * (100 + percent) // 100 > target:
        up_to = f"raised once to {target}, which is as high as we go"
        return Sentences(
            f"Your first target is {target}: your starting cadence of {level}, {up_to}.",
            f"First target: baseline {level} {up_to}.",
            f"Your first target is {target}: your starting cadence of {level}, {up_to}.",
        )
    if f.yes("first"):
        return Sentences(
            f"Your first target: your starting cadence of {level}, raised once by {percent}%, is {target}.",
            f"First target: baseline {level} raised once, {target}.",
            f"Your first target is {target}: your starting cadence of {level}, raised once by {percent}%.",
        )
    raised = f"{level} and {percent}% more is {target}, cut to a whole step."
    if f.yes("from_spm"):
        lifted = f"You already run at {level}, so {target} is more than one step from {f.number('from_spm')}."
        return Sentences(
            f"{lifted} {raised}",
            f"Easy runs at {level} lift the step from {f.number('from_spm')}: {target}.",
            lifted,
        )
    return Sentences(
        f"{raised} {_rule_of_thumb(percent)}".strip(),
        f"Level {level} x {(100 + percent) / 100:.2f}, cut: {target}.",
        raised,
    )


def _rule_of_thumb(percent: int) -> str:
    if percent != _RULE_OF_THUMB_PERCENT:
        return ""
    return f"The clinic's rule of thumb: one {percent}% step lowers the load of each step by about a fifth."


def _cap(f: FactReader) -> Sentences:
    cap = f.number("cap_spm")
    if f.yes("baseline_spm"):
        have = f.number("baseline_spm")
        return Sentences(
            f"You already run at {have}. Raising ends at {cap}, so you have no cadence target: keep "
            "your rhythm.",
            f"Baseline {have} is at or above {cap}: no cadence target.",
            f"You already run at {have}; {cap} is as high as we go, so you don’t need a cadence target.",
        )
    if f.yes("from_spm"):
        level, before = f.number("level_spm"), f.number("from_spm")
        lifted = f"You already run at {level}, so you go from {before} to {cap}, which is as high as we go."
        return Sentences(lifted, f"Easy runs at {level}: from {before} to the cap of {cap}.", lifted)
    return Sentences(
        f"{cap} is as high as we go. Never force it: keep it comfortable.",
        f"At the cap of {cap}: no further raise.",
        f"{cap} is as high as we go: keep it comfortable.",
    )


def _weekly(f: FactReader) -> Sentences:
    target, before = f.number("target_spm"), f.number("from_spm")
    runs, hits, late = count(f.number("runs"), "run"), f.number("on_target"), f.number("late")
    when = f", {late} of them from earlier and logged since" if late else " last week"
    return Sentences(
        f"{runs}{when}, {hits} on target: from {before} to {target}.",
        f"Consistent week ({runs}{f', {late} late' if late else ''}, {hits} on target): {before} to {target}.",
        f"A consistent week behind you: your cadence goes from {before} to {target}.",
    )


def _five_runs(f: FactReader) -> Sentences:
    target, done, need = f.number("target_spm"), f.number("done"), f.number("five_runs")
    if f.yes("raised"):
        return Sentences(
            f"{count(done, 'run')} on target at {f.number('from_spm')}: now {target}.",
            f"{done} on-target runs at {f.number('from_spm')} ({need} needed): raised to {target}.",
            f"You have earned the next step: your cadence is {target}.",
        )
    if f.yes("not_there_yet"):
        runs = in_words(f.number("consistent_runs")).capitalize()
        hits = in_words(f.number("consistent_on_target"))
        return Sentences(
            f"Not there yet: {target} stays. {done} of {need} runs on target so far; give it time.",
            f"{runs} or more runs, fewer than {hits} on target: stays {target} ({done} of {need}).",
            f"Your cadence stays at {target}; there’s no hurry.",
        )
    return Sentences(
        f"{done} of {need} runs on target; at {need} the next step comes. {target} stays.",
        f"{done} of {need} on-target runs at {target}.",
        f"Your cadence stays at {target}: {done} of {need} runs on target.",
    )


def _on_target(f: FactReader) -> Sentences:
    minutes = f.number("on_target_minutes")
    counts = f"A run counts as on target from {f.number('low_spm')} up, over {minutes} running minutes."
    return Sentences(counts, f"{counts} Target {f.number('target_spm')}; running-only median.", counts)


def _hold_pain(f: FactReader) -> Sentences:
    if f.yes("stop_flag"):
        return Sentences(
            "Your targets are on hold until a clinician has talked with you.",
            "Stop flag open: no cadence target until it is closed.",
            "Your targets are on hold this week. Please get in touch with us.",
        )
    mornings = f"{in_words(f.number('worse_mornings'))} mornings worse than usual"
    cause = (
        "a red report" if f.yes("reds") else "a red day in daily life" if f.yes("daily_life") else mornings
    )
    return Sentences(
        f"Your target stays at {f.number('target_spm')} because of {cause}. Let it settle first, then we’ll go on.",
        f"No raise: {count(f.number('reds'), 'red report')}, worse week: "
        f"{'yes' if f.yes('worse_week') else 'no'}{', daily life red' if f.yes('daily_life') else ''}.",
        _HELD,
    )


def _no_data(f: FactReader) -> Sentences:
    target = f.number("target_spm")
    if f.yes("back"):
        back = f"Welcome back. Your cadence stays at {target}."
        return Sentences(back, f"Away for a while: {target} stays.", back)
    return Sentences(
        f"Nothing was logged last week, so {target} stays. Pick up where you left off.",
        f"Nothing logged: {target} stays.",
        f"Your cadence stays at {target} this week.",
    )


def _stuck(f: FactReader) -> Sentences:
    target, weeks = f.number("target_spm"), f.number("decisions")
    tip = "Try the metronome for one minute in five."
    return Sentences(
        f"{target} hasn’t come easily. {tip} A clinician will check whether another number works better for you.",
        f"{weeks} decisions in a row with measured runs and none on target at {target}: lower the target?",
        f"Your cadence stays at {target}. {tip}",
    )


def _unmeasured(f: FactReader) -> Sentences:
    weeks, target = count_in_words(f.number("weeks"), "week"), f.number("target_spm")
    tip = "On an easy run, use the metronome, tap along, or count every step of both feet for a minute."
    if f.yes("measured"):
        return Sentences(
            f"{weeks.capitalize()} of measured runs, and no {target} yet. {tip} A clinician looks at it too.",
            f"{weeks.capitalize()} with measured runs, none on target at {target}: another number, or another way?",
            f"Your cadence stays at {target}. {tip}",
        )
    if f.yes("walked"):
        why = (
            "A watch’s average takes in your walking breaks, so it’s lower than how you run and can’t count."
        )
        return Sentences(
            f"{weeks.capitalize()} of runs, and no running cadence from them yet. {why} {tip} A clinician helps if "
            "you like.",
            f"{weeks.capitalize()} of runs with walking breaks, whose averages measure nothing: how could this runner "
            "measure the running parts?",
            f"We would like to know your cadence. {why} {tip}",
        )
    return Sentences(
        f"{weeks.capitalize()} of runs, and no cadence from them yet. {tip} A clinician helps if you like.",
        f"{weeks.capitalize()} with runs and no measured cadence: how could this runner measure it?",
        f"We would like to know your cadence. {tip}",
    )


def _review(f: FactReader) -> Sentences:
    target, base, percent = f.number("target_spm"), f.number("baseline_spm"), f.number("review_percent")
    return Sentences(
        f"{target} is more than {percent}% above where you started ({base}). A clinician takes a look at your form.",
        f"Target {target} passes baseline {base} + {percent}% for the first time: please look at the form. "
        "A study tested 10% either way (Heiderscheit 2011).",
        "You have come a good way from where you started; a clinician takes a look at your form.",
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
