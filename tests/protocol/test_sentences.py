"""The three sentences of every rule: complete, and an email that never speaks of pain."""

import re
from typing import Any

import pytest

from challenge.protocol.document import text
from challenge.protocol.parameters import CLINIC, parameter_infos
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.rulebook import RULEBOOK
from challenge.protocol.sentences import WRITERS
from challenge.protocol.sentences.facts import count
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import place_text
from tests.protocol import spoken
from tests.protocol.spoken import SAID

NEVER_IN_EMAIL = re.compile(
    r"pain|hurt|injur|tend[oi]n|achilles|knee|\bhip\b|shin|\bfoot\b|flag|\bred\b|amber|diagnos|symptom|sore|"
    r"complain|swell|swollen|limp|stiff|bone|worse|medical",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("reason", "runner", "clinician"), SAID)
def test_a_rule_has_its_three_sentences(reason: Reason, runner: str, clinician: str) -> None:
    assert runner in reason.runner
    assert clinician in reason.clinician
    for sentence in (reason.runner, reason.clinician, reason.email):
        assert sentence == sentence.strip()
        assert sentence[-1] in ".?!"
        assert "  " not in sentence
        assert "None" not in sentence
    assert not NEVER_IN_EMAIL.search(reason.email), reason.email


def test_the_page_of_sentences_is_made_from_the_code(pytestconfig: pytest.Config) -> None:
    written = (pytestconfig.rootpath / "docs" / "sentences.md").read_text()
    assert written == spoken.text(), "run: .venv/bin/python -m tests.protocol.spoken > docs/sentences.md"


def test_every_rule_is_in_the_book_has_sentences_and_is_shown_above() -> None:
    assert set(WRITERS) == set(RULEBOOK) == set(Rule) == {reason.rule for reason, _, _ in SAID}


def test_distances_may_be_asked_in_kilometers() -> None:
    reason = reason_for(Rule.LOAD_LONG_RUN, limit_m=17703, longest_m=16093)
    assert "up to 17.7 km" in reason.say(kilometers=True).email
    assert "up to 11.0 mi" in reason.say().email


@pytest.mark.parametrize(("number", "said"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs")])
def test_one_thing_is_singular(number: int, said: str) -> None:
    assert count(number, "run") == said


def test_a_fact_is_found_by_name() -> None:
    reason = reason_for(Rule.PAIN_SCALE, pain=3, site=None)
    assert (reason.fact("pain"), reason.fact("site"), reason.fact("unknown")) == (3, None, None)
    assert reason_for(Rule.PAIN_SCALE, site=None, pain=3) == reason


def test_the_documents_page_is_made_from_the_code(pytestconfig: Any) -> None:
    written = (pytestconfig.rootpath / "docs" / "protocol.md").read_text()
    assert written == text(), "run: .venv/bin/python -m challenge.protocol.document > docs/protocol.md"


def test_the_document_names_every_rule_parameter_and_number() -> None:
    page = text()
    assert all(f"| `{rule}` |" in page for rule in Rule)
    for name, meaning in parameter_infos().items():
        assert f"| `{name}` | {getattr(CLINIC, name)} | {meaning.unit} | {meaning.says} |" in page
    assert "phase1 --> phase2: phase.start, phase.propose_2" in page
    assert "raised by 5%" in page
    assert "raised by 4%" in text(CLINIC.altered(raise_percent=4))
    assert "{" not in page.replace("```mermaid", "")


@pytest.mark.parametrize(
    ("site", "side", "words"),
    [
        ("", "left", ""),
        ("knee", "", "knee"),
        ("knee", "left", "left knee"),
        ("inner_shin", "both", "inner side of the shin, both sides"),
        ("achilles", "", "Achilles tendon"),
        ("achilles", "right", "right Achilles tendon"),
    ],
)
def test_a_place_is_worded_with_its_side(site: str, side: str, words: str) -> None:
    assert place_text(site, side) == words
