"""Reading a questionnaire from a JSON file, with a sentence for each thing that is wrong.

The format is described in docs/questionnaires.md.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from challenge.outcomes.definition import (
    ItemChoice,
    QuestionItem,
    Questionnaire,
    Schedule,
    ScoreMethod,
    Scoring,
)

FORMAT = 1
LANGUAGE = "en-US"
LARGEST_BYTES = 200_000
MOST_ITEMS = 60
MOST_VALUES = 101  # of a scale: 0 to 100
MOST_CHOICES = 20
LAST_WEEK = 104
LONGEST = {"title": 80, "intro": 1000, "source": 1000, "license": 1000, "asks": 500, "label": 200}
NAME = re.compile(r"[a-z][a-z0-9-]{1,30}").fullmatch
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
KEYS = {
    "file": "format code version language title intro items score schedule source license",
    "language": "code version",
    "item": "id asks from to from_label to_label choices names reversed",
    "choice": "value label",
    "score": "method from to better missing smallest_change",
    "schedule": "weeks every_week at_the_end",
}
OPTIONAL = {"intro", "from", "to", "from_label", "to_label", "choices", "names", "reversed", "every_week"}
OPTIONAL |= {"at_the_end"}


class WrongFile(Exception):
    """The file is no questionnaire that can be loaded. `problems` are sentences for the person who loads it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


def read_file(content: bytes) -> Questionnaire:
    """Return the questionnaire of a JSON file. Raise WrongFile with every problem that was found."""
    if len(content) > LARGEST_BYTES:
        raise WrongFile(
            [f"The file is larger than {LARGEST_BYTES // 1000} KB. A questionnaire is text alone."]
        )
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_doubles)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise WrongFile([f"This is not a JSON file in UTF-8{line}."]) from error
    return read_data(data)


def read_data(data: Any) -> Questionnaire:
    """Return the questionnaire of a file's data. Raise WrongFile with every problem that was found."""
    reader = _Reader()
    parts = reader.object(data, "file", "The file")
    questionnaire = reader.questionnaire(parts)
    if questionnaire is None:
        raise WrongFile(reader.problems)
    if problems := list(_contradictions(questionnaire)):
        raise WrongFile(problems)
    return questionnaire


def _shown(value: Any) -> str:
    """Return a short quotation of the file for a sentence: half a character of UTF-16 cannot be sent to a browser."""
    return str(value)[:40].encode("utf-8", "replace").decode()


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise WrongFile([f"“{_shown(twice[0])}” is there twice in one place. Keep one of the two."])
    return dict(pairs)


@dataclass
class _Reader:
    """Takes the data apart; what does not fit becomes a problem and a harmless value."""

    problems: list[str] = field(default_factory=list)

    def wrong(self, sentence: str) -> None:
        self.problems.append(sentence)

    def object(self, value: Any, kind: str, where: str) -> dict[str, Any]:
        known = KEYS[kind].split()
        if not isinstance(value, dict):
            self.wrong(f"{where} must be an object with {', '.join(known)}.")
            return {}
        for name in value:
            if name not in known:
                self.wrong(f"{where} has “{_shown(name)}”, which the format does not know.")
        for name in known:
            if name not in value and name not in OPTIONAL:
                self.wrong(f"{where} lacks “{name}”.")
        return value

    def text(self, parts: dict[str, Any], name: str, where: str, longest: int) -> str:
        value = parts.get(name, "")
        if not isinstance(value, str) or CONTROL.search(value):
            self.wrong(f"{where}: “{name}” must be plain text.")
            return ""
        if name in parts and name not in OPTIONAL and not value.strip():
            self.wrong(f"{where}: “{name}” is empty.")
        if len(value) > longest:
            self.wrong(f"{where}: “{name}” is longer than {longest} characters.")
        return value.strip()

    def number(self, parts: dict[str, Any], name: str, where: str, span: tuple[int, int]) -> int:
        value = parts.get(name)
        if name not in parts and name not in OPTIONAL:
            return span[0]  # this was reported already
        if isinstance(value, bool) or not isinstance(value, int) or not span[0] <= value <= span[1]:
            self.wrong(f"{where}: “{name}” must be a whole number from {span[0]} to {span[1]}.")
            return span[0]
        return value

    def yes(self, parts: dict[str, Any], name: str, where: str) -> bool:
        value = parts.get(name, False)
        if not isinstance(value, bool):
            self.wrong(f"{where}: “{name}” must be true or false.")
        return value is True

    def decimal(self, parts: dict[str, Any], name: str, where: str) -> Decimal:
        value = parts.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 10_000:
            self.wrong(f"{where}: “{name}” must be a number.")
            return Decimal(0)
        return Decimal(str(value))

    def each(self, value: Any, read: Callable[[Any, int], Any], most: int, where: str) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            self.wrong(f"{where} must be a list of 1 to {most}.")
            return []
        return [read(one, number) for number, one in enumerate(value, start=1)]

    def name(self, parts: dict[str, Any], name: str, where: str) -> str:
        value = self.text(parts, name, where, 31)
        if name in parts and value and NAME(value) is None:
            self.wrong(
                f"{where}: “{name}” must be 2 to 31 small letters, digits and hyphens, a letter first."
            )
        return value

    def questionnaire(self, parts: dict[str, Any]) -> Questionnaire | None:
        if "format" in parts and parts["format"] != FORMAT:
            self.wrong(f"The format must be {FORMAT}, the one that this program reads.")
        version = self.number(parts, "version", "The file", (1, 9999))
        self.language(parts.get("language"), version)
        items = self.each(parts.get("items"), self.item, MOST_ITEMS, "“items”")
        scoring, schedule = self.scoring(parts.get("score")), self.schedule(parts.get("schedule"))
        words = {
            name: self.text(parts, name, "The file", LONGEST[name])
            for name in ("title", "intro", "source", "license")
        }
        code = self.name(parts, "code", "The file")
        if self.problems or scoring is None:
            return None
        return Questionnaire(code, version, LANGUAGE, words["title"], words["intro"], tuple(items), scoring,
                             schedule, words["source"], words["license"])  # fmt: skip

    def language(self, value: Any, version: int) -> None:
        """Check that the wording is in the language of the program, and belongs to this version."""
        parts = self.object(value, "language", "“language”")
        code = self.text(parts, "code", "“language”", 20)
        if code and code != LANGUAGE:
            self.wrong(f"The wording is in “{_shown(code)}”, and this program speaks {LANGUAGE}.")
        of_version = parts.get("version")
        if "version" in parts and of_version != version:
            self.wrong(
                f"The wording belongs to version {_shown(of_version)}, and the questionnaire is version {version}. "
                "Load the wording of the same version."
            )

    def item(self, value: Any, number: int) -> QuestionItem | None:
        where = f"Question {number}"
        parts = self.object(value, "item", where)
        choices: list[ItemChoice] = []
        if "choices" in parts:
            if "from" in parts or "to" in parts:
                self.wrong(f"{where} has both “choices” and a scale. Keep one of the two.")
            read = lambda one, n: self.choice(one, f"{where}, choice {n}")  # noqa: E731
            choices = self.each(parts["choices"], read, MOST_CHOICES, f"{where}: “choices”")
        ends = [choice.value for choice in choices]
        if not choices:
            ends = [self.number(parts, end, where, (-100, 1000)) for end in ("from", "to")]
        return QuestionItem(
            id=self.name(parts, "id", where),
            asks=self.text(parts, "asks", where, LONGEST["asks"]),
            lowest=min(ends),
            highest=max(ends),
            lowest_label=self.text(parts, "from_label", where, LONGEST["label"]),
            highest_label=self.text(parts, "to_label", where, LONGEST["label"]),
            choices=tuple(choices),
            names=self.text(parts, "names", where, LONGEST["label"]),
            reversed=self.yes(parts, "reversed", where),
        )

    def choice(self, value: Any, where: str) -> ItemChoice:
        parts = self.object(value, "choice", where)
        label = self.text(parts, "label", where, LONGEST["label"])
        return ItemChoice(self.number(parts, "value", where, (-100, 1000)), label)

    def scoring(self, value: Any) -> Scoring | None:
        where = "“score”"
        parts = self.object(value, "score", where)
        method, better = parts.get("method"), parts.get("better")
        if "method" in parts and method not in [*ScoreMethod]:
            self.wrong(f"{where}: “method” must be one of {', '.join(ScoreMethod)}.")
        if "better" in parts and better not in ("higher", "lower"):
            self.wrong(f"{where}: “better” must be higher or lower.")
        least = parts.get("smallest_change")
        change = None if least is None else self.decimal(parts, "smallest_change", where)
        missing = self.number(parts, "missing", where, (0, MOST_ITEMS))
        ends = [self.decimal(parts, end, where) for end in ("from", "to")]
        if self.problems:
            return None
        return Scoring(ScoreMethod(str(method)), ends[0], ends[1], better == "higher", missing, change)

    def schedule(self, value: Any) -> Schedule:
        where = "“schedule”"
        parts = self.object(value, "schedule", where)
        weeks = parts.get("weeks", [])
        whole = isinstance(weeks, list) and all(
            type(week) is int and 0 <= week <= LAST_WEEK for week in weeks
        )
        if not whole:
            self.wrong(f"{where}: “weeks” must be a list of whole numbers from 0 to {LAST_WEEK}.")
        elif len({*weeks}) < len(weeks):
            self.wrong(f"{where}: a week is there twice.")
        every, end = self.yes(parts, "every_week", where), self.yes(parts, "at_the_end", where)
        if every and (weeks or end):
            self.wrong(f"{where}: every week, or in some weeks: not both.")
        return Schedule(tuple(sorted(weeks)) if whole else (), every, end)


def _contradictions(one: Questionnaire) -> Iterator[str]:
    """Yield what each part alone could not show."""
    for name, count in Counter(item.id for item in one.items).items():
        if count > 1:
            yield f"The question “{name}” is there twice. Give each its own id."
    for number, item in enumerate(one.items, start=1):
        if item.lowest >= item.highest:
            yield f"Question {number} has one possible answer. It needs at least two."
        elif len({*item.values}) < len(item.values):
            yield f"Question {number} gives two choices the same value."
        elif not item.choices and len(item.values) > MOST_VALUES:
            yield f"Question {number} has more than {MOST_VALUES} steps."
    scoring, reach = one.scoring, None
    if all(item.lowest < item.highest for item in one.items):
        reach = one.reach()
    if reach is not None and (scoring.lowest, scoring.highest) != reach:
        yield (
            f"The score is to go from {scoring.lowest} to {scoring.highest}, and the answers reach "
            f"{reach[0].normalize():f} to {reach[1].normalize():f}."
        )
    if scoring.missing_allowed >= len(one.items):
        yield "The score allows as many open questions as there are. At least one must be answered."
    change = scoring.smallest_change
    if change is not None and not 0 < change <= scoring.highest - scoring.lowest:
        yield "The smallest change that matters must be more than 0 and fit into the score."
