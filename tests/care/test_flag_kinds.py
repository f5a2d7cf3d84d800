"""Every kind of flag has a name, a weight and words, so that no page meets a kind it does not know."""

import pytest

from challenge.care.flag_kinds import FLAG_KIND_CHOICES, FLAG_KINDS, KIND_OF_RULE, clinician_text
from challenge.care.models import Flag
from challenge.protocol.vocabulary import FlagKind, Rule


def test_every_kind_has_an_entry_and_the_model_offers_it() -> None:
    assert FLAG_KINDS.keys() == set(FlagKind)
    assert Flag._meta.get_field("kind").choices == FLAG_KIND_CHOICES


@pytest.mark.parametrize("kind", FlagKind)
def test_a_kind_fits_its_column_weighs_something_and_has_a_name(kind: FlagKind) -> None:
    column = Flag._meta.get_field("kind")
    assert column.max_length is not None
    assert len(kind) <= column.max_length
    assert FLAG_KINDS[kind].weight > 0
    assert FLAG_KINDS[kind].label


@pytest.mark.parametrize("facts", [{}, None, {"symptoms": []}, {"last": None}, {"pain": 7}])
@pytest.mark.parametrize("kind", FlagKind)
def test_words_are_never_missing_whatever_the_facts(kind: FlagKind, facts: object) -> None:
    assert clinician_text(kind.value, "no.such.rule", facts)


def test_a_stop_weighs_more_than_all_other_kinds_even_before_anyone_takes_them() -> None:
    stop = FLAG_KINDS[FlagKind.STOP].weight
    assert all(stop > 2 * FLAG_KINDS[kind].weight for kind in FlagKind if kind is not FlagKind.STOP)


def test_each_rule_belongs_to_one_kind() -> None:
    rules = [rule for info in FLAG_KINDS.values() for rule in info.rules]
    assert len(rules) == len(KIND_OF_RULE)
    assert KIND_OF_RULE[Rule.CADENCE_STUCK] is FlagKind.STUCK
