"""The sentences of the pain rules. The sentences for email never speak of pain."""

from __future__ import annotations

from challenge.protocol.reading_hours import DEADLINE, READS
from challenge.protocol.sentences.facts import FactReader, Sentences, Writer
from challenge.protocol.sentences.stop import stop_sentence
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import in_words

_PAGE = "There is something on your page that we would like you to read."
_COLORS = {
    "green": "Green: go on as planned.",
    "amber": "Amber: acceptable if it settles by tomorrow morning.",
    "red": "Red: ease off today. Your next target stays where it is.",
}


def _scale(f: FactReader) -> Sentences:
    if f.yes("daily_life"):
        return Sentences(
            f"That is a lot for a normal day. A clinician gets in touch. {READS}",
            f"Daily-life pain {f.number('pain')} (red): please look.",
            _PAGE,
        )
    if f.yes("joint"):
        ask = f"The scale is for tendon and muscle; a clinician looks at your {f.words('site')}."
        return Sentences(
            f"{_COLORS['red']} {ask}" if f.words("color") == "red" else ask,
            f"Pain at the {f.words('site')}, a joint: a question, not the scale.",
            _PAGE,
        )
    return Sentences(_COLORS[f.words("color")], f"Pain {f.number('pain')}: {f.words('color')}.", _PAGE)


def _morning(f: FactReader) -> Sentences:
    mornings = f.number("worse_mornings")
    fine = "One such morning is fine; " if mornings > 1 else ""
    return Sentences(
        f"Worse than your usual morning. {fine}{in_words(mornings)} in a week hold your cadence.",
        f"Morning pain {f.number('pain')}, baseline {f.number('baseline')}: a worse morning.",
        _PAGE,
    )


def _stop(f: FactReader) -> Sentences:
    symptom = f.words("symptom")
    return Sentences(
        stop_sentence(f.term("symptom")),
        f"Stop flag: {symptom or 'opened by a clinician'}. Targets are on hold until a clinician "
        "closes it with a note.",
        "Your targets are on hold this week. Please get in touch with us; your page says how.",
    )


def _ask(f: FactReader) -> Sentences:
    return Sentences(
        f"Thank you for telling us. {READS} Your targets go on unless you hear otherwise.",
        f"{f.words('symptom').capitalize()} reported: please look by {DEADLINE}.",
        _PAGE,
    )


WRITERS: dict[Rule, Writer] = {
    Rule.PAIN_SCALE: _scale,
    Rule.PAIN_MORNING: _morning,
    Rule.PAIN_STOP: _stop,
    Rule.PAIN_ASK: _ask,
}
