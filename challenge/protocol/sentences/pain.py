"""What the pain rules say. The email sentences never speak of it."""

from __future__ import annotations

from challenge.protocol.rules import Rule, Sentences
from challenge.protocol.sentences.told import Teller, Told

_PAGE = "There is something on your page that we would like you to read."
_COLOURS = {
    "green": "Green: go on as planned.",
    "amber": "Amber: acceptable if it settles by tomorrow morning.",
    "red": "Red: ease off today. Your next target stays where it is.",
}
_STOP_NOW = {
    "pop": "Stop running now. Do not stretch or test it. Go to urgent care today: a tear must be ruled out.",
    "calf swelling": "Stop running now. A swollen, warm or red calf must be seen today, at urgent care or an "
    "emergency room; with trouble breathing or chest pain call 911.",
    "bone spot": "Stop running now, and stop hopping and jumping. Walk as little as you can until a clinician "
    "has looked for a bone stress injury.",
    "limp": "Stop running now. A limp that stays means it is not ready: walk only as far as you can "
    "without one.",
}
_CALL = (
    "A clinician of the clinic calls you by the end of the next working day. If it gets worse before "
    "that, or out of "
    "hours, go to urgent care; in an emergency call 911."
)


def _scale(f: Told) -> Sentences:
    if f.yes("daily_life"):
        return Sentences(
            "That is a lot for a normal day. A clinician reads this and gets in touch.",
            f"Daily-life pain {f.number('pain')} (red): please look.",
            _PAGE,
        )
    if f.yes("joint"):
        ask = f"The scale is for tendon and muscle; a clinician looks at your {f.words('site')}."
        return Sentences(
            f"{_COLOURS['red']} {ask}" if f.words("colour") == "red" else ask,
            f"Pain at the {f.words('site')}, a joint: a question, not the scale.",
            _PAGE,
        )
    return Sentences(_COLOURS[f.words("colour")], f"Pain {f.number('pain')}: {f.words('colour')}.", _PAGE)


def _morning(f: Told) -> Sentences:
    return Sentences(
        "Worse than your usual morning. One such morning is fine; two in a week hold your cadence.",
        f"Morning pain {f.number('pain')}, baseline {f.number('baseline')}: a worse morning.",
        _PAGE,
    )


def _stop(f: Told) -> Sentences:
    symptom = f.words("symptom")
    now = _STOP_NOW.get(symptom, "Stop running now.")
    return Sentences(
        f"{now} {_CALL}",
        f"Stop flag: {symptom or 'opened by a clinician'}. Targets are on hold until a clinician "
        "closes it with a note.",
        "Your targets are on hold this week. Please get in touch with us; your page says how.",
    )


def _ask(f: Told) -> Sentences:
    return Sentences(
        "Thank you for telling us. A clinician reads this today; your targets go on unless you hear "
        "otherwise.",
        f"{f.words('symptom').capitalize()} reported: please look the same day.",
        _PAGE,
    )


TELLERS: dict[Rule, Teller] = {
    Rule.PAIN_SCALE: _scale,
    Rule.PAIN_MORNING: _morning,
    Rule.PAIN_STOP: _stop,
    Rule.PAIN_ASK: _ask,
}
