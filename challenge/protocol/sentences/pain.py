"""The sentences of the pain rules. The sentences for email never speak of pain."""

from __future__ import annotations

from challenge.protocol.reading_hours import DEADLINE, READS
from challenge.protocol.sentences.facts import FactReader, Sentences, Writer
from challenge.protocol.sentences.stop import stop_sentence
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import count_in_words, days_in_words, in_words

_PAGE = "There’s something on your page we’d like you to read."
_COLORS = {
    "green": "Green: keep going as planned.",
    "amber": "Amber: acceptable if it settles by tomorrow morning.",
    "red": "Red: ease off today. Your next target stays where it is.",
}


def _scale(f: FactReader) -> Sentences:
    if f.yes("daily_life"):
        return Sentences(
            f"That’s a lot for a normal day. A clinician will get in touch. {READS}",
            f"Pain in daily life is {f.number('pain')} (red). Please look.",
            _PAGE,
        )
    if f.yes("joint"):
        ask = f"The scale is for tendons and muscles, not joints, so a clinician will look at your {f.words('site')}."
        is_red = f.words("color") == "red"
        pain = f"Pain of {f.number('pain')}" if f.yes("pain") else "The pain is"
        eased = " The runner was told to ease off." if is_red else ""
        return Sentences(
            f"{_COLORS['red']} {ask}" if is_red else ask,
            f"{pain} at the {f.words('site')}, a joint. The pain scale is for tendons and muscles, so please judge it "
            f"yourself.{eased}",
            _PAGE,
        )
    return Sentences(_COLORS[f.words("color")], f"Pain of {f.number('pain')} is {f.words('color')}.", _PAGE)


def _morning(f: FactReader) -> Sentences:
    mornings = f.number("worse_mornings")
    fine = "One morning like this is fine; " if mornings > 1 else ""
    return Sentences(
        f"That’s worse than your usual morning. {fine}{in_words(mornings)} in a week keep your cadence where it is.",
        f"Morning pain was {f.number('pain')}, and the baseline is {f.number('baseline')}: a worse morning.",
        _PAGE,
    )


_STOPS = {
    "pop": "a pop or a sudden loss of push-off",
    "calf_swelling": "calf swelling, warmth or redness",
    "bone_spot": "pain in one spot on a bone, or when hopping on it",
    "limp": "a limp that stays after warming up",
}


def _stop(f: FactReader) -> Sentences:
    found = _STOPS.get(f.term("symptom") or "", "opened by a clinician")
    return Sentences(
        stop_sentence(f.term("symptom")),
        f"A stop flag is open ({found}). Targets are on hold until a clinician closes it with a note.",
        "Your targets are on hold this week. Please get in touch with us; your page says how.",
    )


def _ask(f: FactReader) -> Sentences:
    return Sentences(
        f"Thank you for telling us. {READS} Your targets continue unless you hear otherwise.",
        f"The runner reported {f.words('symptom')}. Please look by {DEADLINE}.",
        _PAGE,
    )


def _not_better(f: FactReader) -> Sentences:
    weeks = count_in_words(f.number("not_better_weeks"), "week")
    why = {
        "amber": f"it was amber or red in most sessions, {weeks} in a row",
        "rising": f"its weekly median went up by {f.number('rise_by')} or more over {weeks}",
        "stiff": f"morning stiffness doubled over {weeks}, to more than {f.number('stiff_minutes')} minutes",
        "flat": f"there was no improvement in {days_in_words(f.number('improve_days'))}",
    }[f.term("why")]
    return Sentences(
        "Your log doesn’t show the pain getting better yet. That happens, and it’s worth a look: a clinician will go "
        "through your plan with you.",
        f"The pain isn’t getting better: {why}. Please look at the plan.",
        _PAGE,
    )


def _today(f: FactReader) -> Sentences:
    below, days = f.number("amber_from"), count_in_words(f.number("red_call_days"), "day")
    # On a later day the rest of "tomorrow" is under way, and fewer days are left to wait.
    rest = "" if f.yes("later") else "Rest from running tomorrow. "
    left = f"in {count_in_words(f.number('days_left'), 'day') if f.yes('later') else days}"
    if f.yes("later") and f.number("days_left") == 1:
        left = "tomorrow"
    call = f"If it’s still {below} or more {left}, or gets worse before that, call us."
    if f.yes("later") and not f.yes("days_left"):
        call = f"If it’s still {below} or more, call us today. If it’s lower, log it."
    return Sentences(
        f"{rest}Leave out jumps, hills and heavy lifts until your pain is below {below} again. {call}",
        f"Pain was {f.number('pain')} (red). The runner was asked to rest the next day, and to call if it is "
        f"still {below} or more in {days}.",
        _PAGE,
    )


def _open(f: FactReader) -> Sentences:
    site = f.words("site")
    where = f"{f.words('side')} {site}" if f.term("side") in ("left", "right") else site
    spared = " Until then, your plan goes easy on it." if f.yes("guarded") else ""
    guarded = (
        " The plan already goes easy on it, and keeps doing so unless you answer “No complaint”."
        if f.yes("guarded")
        else ""
    )
    days, within = f.number("days"), f.number("complaint_days")
    when = f"on {days} days within {within}" if days > 1 else "a joint" if f.yes("joint") else "on one day"
    return Sentences(
        f"Your log says your {site} hurts. A clinician will decide whether to work on it with you, too.{spared}",
        f"The log reports pain of {f.number('pain')} at the {where}, {when}. Open a complaint?{guarded}",
        _PAGE,
    )


WRITERS: dict[Rule, Writer] = {
    Rule.PAIN_SCALE: _scale,
    Rule.PAIN_MORNING: _morning,
    Rule.PAIN_STOP: _stop,
    Rule.PAIN_ASK: _ask,
    Rule.PAIN_NOT_BETTER: _not_better,
    Rule.PAIN_TODAY: _today,
    Rule.COMPLAINT_OPEN: _open,
}
