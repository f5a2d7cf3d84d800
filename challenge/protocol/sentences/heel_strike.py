"""The sentences of the heel-strike rules. No strike is good or bad."""

from __future__ import annotations

from challenge.protocol.sentences.facts import FactReader, Sentences, Writer
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import days_in_words

_FORM = "A clinician is looking at your running form; your page says more."


def _offer(f: FactReader) -> Sentences:
    return Sentences(
        "Landing on the heel for a while may take load off where it hurts. Please don’t change anything yet: a "
        "clinician will decide with you.",
        f"There is a present {f.words('site')} complaint and a {f.words('strike')} strike. Would heel strike for a "
        "while help? If you approve it, volume is cut at first, and you’ll be asked to review it.",
        _FORM,
    )


def _never(f: FactReader) -> Sentences:
    site = f.words("site")
    if f.yes("past"):
        return Sentences(
            f"Because you’ve had {site} trouble before, a clinician will decide whether heel strike is right for you.",
            f"The {site} complaint is only in the past. Is heel strike for a while acceptable?",
            _FORM,
        )
    if f.yes("under_way") and f.yes("logged"):
        return Sentences(
            f"Heel strike moves load onto your {site}, and your log says your {site} hurts: please go back toward "
            f"midfoot, a little each run{_at_most(f)}. A clinician will look at it with you.",
            f"{site.capitalize()} pain began during heel strike. The runner was asked to go back toward "
            f"midfoot{_asked_at_most(f)}. End heel strike?",
            f"Please go back toward your old way of landing, a little each run{_at_most(f)}. Your page says why.",
        )
    if f.yes("under_way") and f.yes("back"):
        return Sentences(
            f"Heel strike moves load onto your {site}: please go back toward midfoot, a little each "
            f"run{_at_most(f)}. A clinician will look at it with you.",
            f"There is a present {site} complaint during heel strike. The runner was asked to go back toward "
            f"midfoot{_asked_at_most(f)}. End heel strike?",
            f"Please go back toward your old way of landing, a little each run{_at_most(f)}. Your page says why.",
        )
    if f.yes("under_way"):
        return Sentences(
            f"Heel strike moves load onto your {site}: a clinician will decide with you whether to keep going with it.",
            f"There is a present {site} complaint, and heel strike is under way. End heel strike?",
            _FORM,
        )
    return Sentences(
        f"Heel strike would move load onto your {site}, so we don’t offer it.",
        f"The log reports pain at the {site}, so heel strike is not offered."
        if f.yes("logged")
        else f"There is a present {site} complaint, so heel strike is not offered.",
        _FORM,
    )


def _shin(f: FactReader) -> Sentences:
    return Sentences(
        "Heel strike may load the front of the shin more, so a clinician will look at how you land first.",
        "There is front-of-shin pain, and heel strike may load it more (Barton 2016). Should the runner try it for a "
        "while?",
        _FORM,
    )


def _volume(f: FactReader) -> Sentences:
    weeks = days_in_words(f.number("volume_days"))
    cut = f"run {f.number('volume_cut_percent')}% less for {weeks}"
    up_to = f": up to {f.distance('limit_m')} a week" if f.yes("limit_m") else ""
    return Sentences(
        f"While you change how you land, {cut}{up_to}.",
        f"Day {f.number('days')} of heel strike. The runner was asked to {cut}{up_to}.",
        f"Please {cut}{up_to}.",
    )


def _return(f: FactReader) -> Sentences:
    if f.yes("over"):
        return Sentences(
            "Your time with heel strike is over. Go back to landing under your hips.",
            "Heel strike is over, because phase 3 works on midfoot mechanics.",
            "Your page says what comes next for your running form.",
        )
    if f.yes("review"):
        over = f"{_span_is(f.number('strike_review_days'))} over"
        until = f" Until then, run up to {f.distance('limit_m')} a week." if f.yes("limit_m") else ""
        return Sentences(
            f"{over}. A clinician will look at how heel strike went and when you go back.{until}",
            f"Heel strike has lasted {f.number('days')} days. Please review it and start the way back.{until}",
            f"{_FORM}{until}",
        )
    return Sentences(
        f"Go back toward midfoot over {days_in_words(f.number('strike_return_days'))}, and run less again while you "
        f"do{_at_most(f)}.",
        f"Day {f.number('days')} of the way back to midfoot. Volume is cut again{_cut_to(f)}.",
        f"Please run a little less again this week{_at_most(f)}.",
    )


def _cut_to(f: FactReader) -> str:
    return f", to {f.distance('limit_m')} a week at most" if f.yes("limit_m") else ""


def _asked_at_most(f: FactReader) -> str:
    return f", and to keep each week to {f.distance('limit_m')} or less" if f.yes("limit_m") else ""


def _at_most(f: FactReader) -> str:
    return f", and keep each week to {f.distance('limit_m')} or less" if f.yes("limit_m") else ""


def _span_is(days: int) -> str:
    """Return the subject of "is over": A week is, Two weeks are, 10 days are."""
    span = days_in_words(days)
    return f"{span[0].upper()}{span[1:]} {'is' if span.startswith('a ') else 'are'}"


WRITERS: dict[Rule, Writer] = {
    Rule.STRIKE_OFFER: _offer,
    Rule.STRIKE_NEVER: _never,
    Rule.STRIKE_SHIN: _shin,
    Rule.STRIKE_VOLUME: _volume,
    Rule.STRIKE_RETURN: _return,
}
