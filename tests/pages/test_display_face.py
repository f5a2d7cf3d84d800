"""The display face has the letters of the names that people have, and fetches the rarer ones only where they are."""

import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text()
FACES = re.findall(r'@font-face \{[^}]*url\("\.\./([^"]+)"\)[^}]*unicode-range: ([^;]+);', TOKENS)


def letters(ranges: str) -> set[int]:
    found: set[int] = set()
    for part in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", ranges):
        first, last = int(part[0], 16), int(part[1] or part[0], 16)
        found |= {*range(first, last + 1)}
    return found


def test_every_letter_of_latin_1_and_latin_extended_a_has_a_face() -> None:
    covered = set().union(*(letters(ranges) for _, ranges in FACES))
    assert {*range(0xA1, 0x180)} <= covered


def test_no_letter_has_two_faces() -> None:
    assert sum(len(letters(ranges)) for _, ranges in FACES) == len(
        set().union(*(letters(ranges) for _, ranges in FACES))
    )


def test_a_page_fetches_at_most_40_kilobytes_of_it_for_a_name_of_latin_1() -> None:
    sizes = {name: (STATIC / name).stat().st_size for name, _ in FACES}
    plain, latin_1, _ = sizes.values()
    assert plain + latin_1 <= 40_000
