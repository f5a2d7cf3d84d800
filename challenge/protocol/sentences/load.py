"""The sentences of the load rules."""

from __future__ import annotations

from datetime import date

from challenge.protocol.sentences.facts import FactReader, Sentences, Writer, count
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import days_in_words, share


def _long_run(f: FactReader) -> Sentences:
    if f.yes("distance_m"):
        return _too_long(f)
    if f.yes("break_on"):
        return _break_ahead(f, _this_week(f))
    return _this_week(f)


def _break_ahead(f: FactReader, limit: Sentences) -> Sentences:
    """Return the sentences of the limit, and of the lower one after a break that may come true in this week."""
    day, days = f"{date.fromisoformat(f.words('break_on')):%A}", days_in_words(f.number("break_days"))
    back = (
        f" If your next run is on {day} or later, that’s {days} without one: then keep it to "
        f"{f.distance('break_m')}."
    )
    clinician = (
        f" If the next run is on {day} or later, that is {days} without one, and the limit drops to "
        f"{f.distance('break_m')}."
    )
    return Sentences(limit.runner + back, limit.clinician + clinician, limit.email + back)


def _this_week(f: FactReader) -> Sentences:
    """Return the sentences of the week's longest run."""
    last_days = f"last {f.number('long_run_days')} days"
    if not f.yes("limit_m"):
        unknown = f"We don’t know of any run in the {last_days}: start short and easy."
        return Sentences(
            unknown, f"There is no known run in the {last_days}, so no limit was computed.", unknown
        )
    limit, longest = f.distance("limit_m"), f.distance("longest_m")
    allowed = f"Longest run this week: up to {limit}"
    if f.yes("cut"):
        cut = f"The longest run is {longest}. Volume is cut, so the limit is {limit}."
        return Sentences(f"{allowed}.", cut, f"{allowed}.")
    if f.yes("beyond_m"):
        return _waiting(f, f"{allowed} (about {_margin(f)} more than {longest}).")
    if f.yes("from_intake"):
        whose, measured = "the longest you told us about", "The longest run in the intake is"
    elif f.yes("before_day"):
        days = f"{f.number('long_run_days')} days before {f.words('before_day')}"
        whose, measured = f"your longest of the {days}", f"The longest run of the {days} is"
    else:
        whose, measured = f"your longest of the {last_days}", f"The longest run of the {last_days} is"
    allowed = f"{allowed} (about {_margin(f)} more than {longest}, {whose})."
    return Sentences(allowed, f"{measured} {longest}, so the limit is {limit}.", allowed)


def _margin(f: FactReader) -> str:
    """Return how far beyond the longest run the limit is: a tenth."""
    return share(f.number("long_run_percent") - 100)


def _waiting(f: FactReader, limit: str) -> Sentences:
    """Return the sentences for a longer run that is in the log and does not count yet."""
    ran, quiet = f.distance("beyond_m"), count(f.number("long_run_quiet_days"), "day")
    measured = (
        f"The limit is {f.distance('limit_m')}, about {_margin(f)} more than {f.distance('longest_m')}. The run of "
        f"{ran}"
    )
    if f.yes("sore"):
        why = (
            f"Your {ran} was far for you, and your body let you know within {quiet}, so it doesn’t raise this limit "
            "unless a clinician says so."
        )
        clinician = (
            f"{measured} doesn’t count unless you let it (there was red pain, a stop symptom or a worse "
            f"morning within {quiet})."
        )
    else:
        why = (
            f"Your {ran} went beyond that. It raises the limit after {quiet} without red pain or a worse morning, or "
            "when a clinician says so."
        )
        clinician = f"{measured} counts after {quiet} without red pain or a worse morning."
    return Sentences(
        f"{limit} {why}", clinician, f"{limit} Your {ran} doesn’t raise it yet; your page says more."
    )


def _too_long(f: FactReader) -> Sentences:
    ran, limit, longest = f.distance("distance_m"), f.distance("limit_m"), f.distance("longest_m")
    last_days = f"last {f.number('long_run_days')} days"
    if f.yes("from_intake"):
        whose, measured = "the longest run you told us about", "the longest in the intake is"
    elif f.yes("held"):
        whose, measured = "the longest run of yours that counts so far", "the longest that counts is"
    else:
        whose, measured = f"your longest run of the {last_days}", f"the longest of the {last_days} is"
    size, band = _beyond(f)
    within = f"{limit} would have been within your limit"
    next_ones = " then." if f.yes("allowed") else ". Keep the next ones shorter."
    warning = f"{ran} was {size} {whose} ({longest}); {within}{next_ones}"
    return Sentences(warning, f"The long run was {ran}, and {measured} {longest}: {band}.", warning)


# The bands of the study, in percent of the longest run, with the hazard it found in each.
_STUDY_BANDS = (
    (200, "more than twice", "more than double (BJSM 2025, injury hazard ratio 2.28)"),
    (130, "more than 30% longer than", "30-100% longer (BJSM 2025, injury hazard ratio 1.52)"),
)
_STUDY_FROM_PERCENT, _STUDY_FIRST_BAND = 110, "10-30% longer (BJSM 2025, injury hazard ratio 1.64)"


def _beyond(f: FactReader) -> tuple[str, str]:
    """Return how far beyond the longest run, for runners and, with what the study found there, for clinicians."""
    distance_m, longest_m = f.number("distance_m"), f.number("longest_m")
    for percent, size, band in _STUDY_BANDS:
        if _more_than(percent, distance_m, longest_m):
            return size, band
    longer = f"more than {_margin(f)} longer"
    band = _STUDY_FIRST_BAND if _more_than(_STUDY_FROM_PERCENT, distance_m, longest_m) else longer
    return f"{longer} than", band


def _more_than(percent: int, distance_m: int, longest_m: int) -> bool:
    # Half a meter is forgiven on both, as in the limit itself: 13.0 miles are not more than 30% beyond 10.0.
    return 200 * distance_m > (2 * longest_m + 1) * percent + 100


def _stacked(f: FactReader) -> Sentences:
    new = [f"{f.distance('extra_m')} more than a usual week"] if f.yes("extra_m") else []
    new += ["a first hill route"] if f.yes("first_hills") else []
    new += ["first tempo repeats"] if f.yes("first_tempo") else []
    days = f.number("stacked_days")
    things = ", ".join(new)
    stacked = (
        f"Several new things within {days_in_words(days)}: {things}. One at a time lets your body keep up."
    )
    return Sentences(stacked, f"Several stresses came within {days} days: {things}.", stacked)


def _weekly_jump(f: FactReader) -> Sentences:
    percent = f.number("jump_percent") - 100
    jumped = (
        f"Your week went from {f.distance('before_m')} to {f.distance('now_m')}, more than {percent}% up. "
        "Just so you know."
    )
    return Sentences(
        jumped,
        f"Weekly distance went from {f.distance('before_m')} to {f.distance('now_m')} (Nielsen 2014 found no "
        "significant difference in injuries).",
        jumped,
    )


def _recovery(f: FactReader) -> Sentences:
    days, hard = f.number("training_streak"), f.number("hard_streak")
    long_streak = days >= f.number("days_without_off")
    what = f"{days} days without a day off" if long_streak else f"hard sessions {hard} days in a row"
    tired = f"{what.capitalize()}: take a day off. That’s when the training sinks in."
    too_hard = f", and {hard} days in a row were hard" if hard > 1 else ""
    return Sentences(
        tired,
        f"The runner has trained {count(days, 'day')} in a row{too_hard}.",
        tired,
    )


def _window(f: FactReader) -> Sentences:
    week, first, last = f.number("week"), f.number("window_first_week"), f.number("window_last_week")
    window = (
        f"You’re in week {week} of your training block: weeks {first} to {last} are where runners overreach. "
        "Go gently."
    )
    return Sentences(
        window,
        f"This is week {week} of the training block, and in weeks {first} to {last} warnings weigh more.",
        window,
    )


def _treadmill(f: FactReader) -> Sentences:
    outdoors = "Run outdoors when you can. In a Minnesota winter, the treadmill is fine."
    indoors = f"{f.number('treadmill_runs')} of {f.number('runs')} runs were on the treadmill."
    return Sentences(outdoors, indoors, outdoors)


def _now(f: FactReader) -> Sentences:
    if f.yes("limit_m"):
        ran, limit = f.distance("distance_m"), f.distance("limit_m")
        was = f"You ran {ran}, {'far beyond' if f.yes('far') else 'beyond'} your limit of {limit}"
        clinician = f"The runner ran {ran} with a limit of {limit}"
    elif f.yes("stacked"):
        was, clinician = "That was several new things at once", "The runner did several new things at once"
    else:
        was, clinician = "That was a lot without a rest", "The runner did a lot without a rest"
    off = f"{was}. Take tomorrow off, and no hills this week."
    if f.yes("red"):
        return Sentences(
            f"{was}, and it hurt. Rest, no hills this week, and call us.",
            f"{clinician}, with red pain, and was asked to rest and to call.",
            f"{was}. Rest, no hills this week, and please call us; your page says more.",
        )
    return Sentences(
        off, f"{clinician} and was asked to take the next day off and to leave out hills that week.", off
    )


def _return(f: FactReader) -> Sentences:
    limit, part = f.distance("limit_m"), share(f.number("percent"))
    if f.yes("distance_m"):
        ran = f.distance("distance_m")
        far = f"{ran} was a lot after time off; {limit} would have been within your limit. Keep the next ones shorter."
        return Sentences(
            far, f"The runner ran {ran} after time off from running; the limit was {limit}.", far
        )
    short = f"Longest run this week: up to {limit}, {part} of what it was."
    back = f"Welcome back. {short} Mix running and walking if you like."
    return Sentences(
        back,
        f"After {f.number('run_return_days')} days or more without a run, the limit is {limit}, {part} of "
        f"{f.distance('longest_m')}.",
        back,
    )


WRITERS: dict[Rule, Writer] = {
    Rule.LOAD_LONG_RUN: _long_run,
    Rule.LOAD_NOW: _now,
    Rule.LOAD_RETURN: _return,
    Rule.LOAD_STACKED: _stacked,
    Rule.LOAD_WEEKLY_JUMP: _weekly_jump,
    Rule.LOAD_RECOVERY: _recovery,
    Rule.LOAD_WINDOW: _window,
    Rule.LOAD_TREADMILL: _treadmill,
}
