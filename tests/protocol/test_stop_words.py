"""Words of a runner's own that may mean a stop symptom."""

import pytest

from challenge.protocol.sentences.stop import EMERGENCIES, stop_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Something popped in my calf", ("popped",)),
        ("heard a POP, and now I am limping", ("popped", "limping")),
        ("It snapped. I think it tore.", ("snapped", "tore")),
        ("my ankle is swollen and puffy", ("swollen",)),
        ("I can’t walk on it", ("can’t walk",)),
        ("could not put any weight on it", ("can’t walk",)),
        ("sore on the shin bone", ("on the bone",)),
        ("numb toes", ("numb",)),
        ("the calf feels quite hot", ("red and hot",)),
        ("chest pain and short of breath", ("chest pain", "short of breath")),
        ("it is hard to breathe", ("short of breath",)),
        ("Calf raises went well. The weather was hot", ()),
        ("a popular route, a bit stiff", ()),
        ("", ()),
    ],
)
def test_which_words_are_found(text: str, words: tuple[str, ...]) -> None:
    assert stop_words(text) == words


def test_chest_and_breath_are_emergencies() -> None:
    assert set(stop_words("chest pain, can't breathe")) == EMERGENCIES
