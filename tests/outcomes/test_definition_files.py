"""A questionnaire comes from a file, and each thing that is wrong with it is a sentence."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from challenge.outcomes.definition_file import LARGEST_BYTES, WrongFile, read_data, read_file
from tests.factories.outcomes import knee_file, tendon_file


def problems(data: Any) -> str:
    with pytest.raises(WrongFile) as wrong:
        read_data(data)
    return " ".join(wrong.value.problems)


def problems_or_none(data: Any) -> list[str]:
    try:
        read_data(data)
    except WrongFile as wrong:
        return wrong.problems
    return []


def items(**changed: Any) -> list[dict[str, Any]]:
    first, *others = tendon_file()["items"]
    return [first | changed, *others]


def score(**changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = tendon_file()["score"]
    return values | changed


def test_both_invented_files_are_read() -> None:
    assert read_data(tendon_file()).title == "Lake tendon questions"
    assert read_file(json.dumps(knee_file()).encode()).schedule.text == "only from paper"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"items": [*items(), items()[0]], "score": score(to=60)}, "The question “stairs” is there twice."),
        ({"score": score(to=100)}, "The score is to go from 0 to 100, and the answers reach 0 to 50."),
        ({"score": score(method="percent")}, "the answers reach 0 to 100"),
        ({"score": score(smallest_change=51)}, "The smallest change that matters"),
        ({"score": score(smallest_change=0)}, "The smallest change that matters"),
        ({"score": score(missing=3)}, "At least one must be answered"),
        ({"score": score(method="median")}, "“method” must be one of sum, mean, percent"),
        ({"score": score(better="up")}, "“better” must be higher or lower"),
        ({"language": {"code": "en-US", "version": 2}}, "Load the wording of the same version"),
        ({"language": {"code": "de", "version": 1}}, "this program speaks en-US"),
        ({"language": "en-US"}, "“language” must be an object"),
        ({"format": 2}, "The format must be 1"),
        ({"version": 0}, "“version” must be a whole number from 1"),
        ({"version": True}, "“version” must be a whole number"),
        ({"code": "Lake Tendon"}, "small letters"),
        ({"title": " "}, "“title” is empty"),
        ({"title": "x" * 81}, "longer than 80"),
        ({"source": "a\x00b"}, "must be plain text"),
        ({"license": "\ud800"}, "must be plain text"),
        ({"items": []}, "“items” must be a list of 1 to 60"),
        ({"items": ["stairs"]}, "Question 1 must be an object"),
        ({"items": items(to=0)}, "Question 1 has one possible answer"),
        ({"items": items(to=1000), "score": score(to=1040)}, "more than 101 steps"),
        ({"items": items(choices=[{"value": 0, "label": "No"}])}, "both “choices” and a scale"),
        ({"items": items(to="ten")}, "“to” must be a whole number"),
        ({"schedule": {"weeks": [4, 4]}}, "a week is there twice"),
        ({"schedule": {"weeks": [-1]}}, "“weeks” must be a list"),
        ({"schedule": {"weeks": [4], "every_week": True}}, "not both"),
        ({"\ud800": 1}, "which the format does not know"),
        ({"scoring": {}}, "The file has “scoring”"),
    ],
)
def test_what_is_wrong_is_said(changed: dict[str, Any], sentence: str) -> None:
    assert sentence in problems(tendon_file(**changed))


def test_the_same_choice_twice_is_refused() -> None:
    choices = [{"value": 1, "label": "Yes"}, {"value": 1, "label": "No"}, {"value": 2, "label": "Perhaps"}]
    data = knee_file(items=[{"id": "ache", "asks": "Does it ache?", "choices": choices}])
    assert "the same value" in problems(data)


def test_a_part_that_lacks_is_named() -> None:
    data = tendon_file()
    del data["score"], data["license"]
    assert "The file lacks “score”" in problems(data)
    assert "The file lacks “license”" in problems(data)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"{", b"[" * 100_000, b"null", b"[]", b'"x"', b"1" * 5000, b'{"format": NaN}'],
)
def test_what_is_no_questionnaire_is_refused(content: bytes) -> None:
    with pytest.raises(WrongFile):
        read_file(content)


def test_a_name_twice_in_one_place_is_refused() -> None:
    with pytest.raises(WrongFile, match="“title” is there twice"):
        read_file(b'{"title": "A", "title": "B"}')


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(WrongFile, match="200 KB"):
        read_file(b" " * (LARGEST_BYTES + 1))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(tendon_file())), ANYTHING)
def test_no_value_in_any_place_raises_anything_else(name: str, value: Any) -> None:
    for data in (tendon_file(**{name: value}), value):
        assert " ".join(problems_or_none(data)).encode() is not None
