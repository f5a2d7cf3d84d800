"""What the load rules say."""

from __future__ import annotations

from challenge.protocol.rules import Rule, Sentences
from challenge.protocol.sentences.facts import FactReader, Teller, count


def _long_run(f: FactReader) -> Sentences:
    if f.yes("distance_m"):
        return _too_long(f)
    if not f.yes("limit_m"):
        told = "We know of no run in the last 30 days: start short and easy."
        return Sentences(told, "No run known in the last 30 days: no limit computed.", told)
    limit, longest = f.distance("limit_m"), f.distance("longest_m")
    told = f"Longest run this week: up to {limit}"
    if f.yes("cut"):
        return Sentences(f"{told}.", f"Longest run {longest}; volume is cut: up to {limit}.", f"{told}.")
    if f.yes("beyond_m"):
        return _held(f, f"{told} (a tenth beyond {longest}).")
    if f.yes("told"):
        whose, measured = "the longest you told us of", "Longest run of the intake"
    elif f.yes("before_day"):
        days = f"30 days before {f.words('before_day')}"
        whose, measured = f"your longest of the {days}", f"Longest of the {days}"
    else:
        whose, measured = "your longest of the last 30 days", "Longest of the last 30 days"
    told = f"{told} (a tenth beyond {longest}, {whose})."
    return Sentences(told, f"{measured} {longest}: up to {limit}.", told)


def _held(f: FactReader, limit: str) -> Sentences:
    """A longer run is in the log and does not count yet."""
    ran, quiet = f.distance("beyond_m"), count(f.number("quiet_days"), "day")
    measured = f"Up to {f.distance('limit_m')}, a tenth beyond {f.distance('longest_m')}: the run of {ran}"
    if f.yes("sore"):
        why = (
            f"Your {ran} went far for you and your body answered within {quiet}, so it does not raise this unless a "
            "clinician says so."
        )
        clinician = f"{measured} does not count unless you let it (red, a stop symptom or a worse morning in {quiet})."
    else:
        why = (
            f"Your {ran} went beyond that: it raises the limit once {quiet} have followed it without red pain or "
            "a worse morning, or when a clinician says so."
        )
        clinician = f"{measured} counts after {quiet} without red or a worse morning."
    return Sentences(
        f"{limit} {why}", clinician, f"{limit} Your {ran} does not raise it yet; your page says more."
    )


def _too_long(f: FactReader) -> Sentences:
    ran, limit, longest = f.distance("distance_m"), f.distance("limit_m"), f.distance("longest_m")
    if f.yes("told"):
        whose, measured = "the longest run you told us of", "longest of the intake"
    elif f.yes("held"):
        whose, measured = "the longest of your runs that counts so far", "longest that counts"
    else:
        whose, measured = "your longest run of the last 30 days", "longest of the last 30 days"
    size, band, hazard = _beyond(f.number("distance_m"), f.number("longest_m"))
    told = f"{ran} was {size} {whose} ({longest}); {limit} was inside. Keep the next ones shorter."
    return Sentences(
        told, f"Long run {ran}, {measured} {longest}: {band} (BJSM 2025, hazard {hazard}).", told
    )


def _beyond(distance_m: int, longest_m: int) -> tuple[str, str, str]:
    """How far beyond, in the bands of the study: in words, in %, and the hazard it found."""
    if _more_than(200, distance_m, longest_m):
        return "more than twice", "more than double", "2.28"
    if _more_than(130, distance_m, longest_m):
        return "more than 30 % beyond", "30-100 % beyond", "1.52"
    return "more than a tenth beyond", "10-30 % beyond", "1.64"


def _more_than(percent: int, distance_m: int, longest_m: int) -> bool:
    """Half a meter is forgiven on both, as in the limit itself: 13.0 miles are not more than 30 % beyond 10.0."""
    return 200 * distance_m > (2 * longest_m + 1) * percent + 100


def _stacked(f: FactReader) -> Sentences:
    new = [f"{f.distance('extra_m')} more than a usual week"] if f.yes("extra_m") else []
    new += ["a first hill route"] if f.yes("first_hills") else []
    new += ["first tempo repeats"] if f.yes("first_tempo") else []
    told = f"Several new things within seven days: {', '.join(new)}. One at a time lets your body keep up."
    return Sentences(told, f"Stacked stresses within 7 days: {', '.join(new)}.", told)


def _weekly_jump(f: FactReader) -> Sentences:
    told = (
        f"Your week went from {f.distance('before_m')} to {f.distance('now_m')}, more than 30 % up. "
        "Good to know."
    )
    return Sentences(
        told,
        f"Weekly distance {f.distance('before_m')} to {f.distance('now_m')} (Nielsen 2014: not significant).",
        told,
    )


def _recovery(f: FactReader) -> Sentences:
    days, hard = f.number("days_without_off"), f.number("hard_days")
    long_streak = days >= 7
    what = f"{days} days without a day off" if long_streak else f"hard sessions on {hard} days running"
    told = f"{what.capitalize()}: take a day off. Recovery is where the training lands."
    return Sentences(told, f"Training days in a row: {days}; hard days in a row: {hard}.", told)


def _window(f: FactReader) -> Sentences:
    week = f.number("week")
    told = (
        f"You are in week {week} of your training block: weeks 4 to 8 are where runners overreach. Go gently."
    )
    return Sentences(told, f"Week {week} of the training block (4-8): warnings weigh more.", told)


def _treadmill(f: FactReader) -> Sentences:
    told = "Run outdoors when you can; a Minnesota winter is a good reason not to."
    return Sentences(told, f"{f.number('treadmill_runs')} of {f.number('runs')} runs on the treadmill.", told)


TELLERS: dict[Rule, Teller] = {
    Rule.LOAD_LONG_RUN: _long_run,
    Rule.LOAD_STACKED: _stacked,
    Rule.LOAD_WEEKLY_JUMP: _weekly_jump,
    Rule.LOAD_RECOVERY: _recovery,
    Rule.LOAD_WINDOW: _window,
    Rule.LOAD_TREADMILL: _treadmill,
}
