"""What a screen reader is given: a page's accessibility tree in its order, and what changes in it from step to step."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

import time_machine
from playwright.sync_api import FilePayload, Locator, Page

# Boxes without a meaning of their own: their text is what is heard.
BOXES = {
    "none",
    "generic",
    "InlineTextBox",
    "LineBreak",
    "ListMarker",
    "RootWebArea",
    "LabelText",
    "listitem",
}
SILENT = BOXES | {"LayoutTable", "paragraph", "strong", "emphasis", "code", "Legend", "Figcaption"}
CLOSED = "MenuListPopup"  # a list that folds out is heard as its choice
STATES = ("checked", "expanded", "pressed", "invalid", "disabled", "focused", "live")
UNSAID = {"false", "", None, False}
ON_EVERY_PAGE = frozenset({"banner", "contentinfo"})
MOSTLY_THE_SAME = 0.5


@dataclass
class Heard:
    """The accessibility tree of a page as the browser computes it, line by line."""

    nodes: dict[str, dict[str, Any]]

    @classmethod
    def on(cls, page: Page) -> "Heard":
        session = page.context.new_cdp_session(page)
        tree = session.send("Accessibility.getFullAXTree")
        session.detach()
        return cls({node["nodeId"]: node for node in tree["nodes"]})

    def lines(self, *, without: frozenset[str] = frozenset()) -> list[str]:
        """Return a line for each thing that is heard; `without` are roles that are left out with all in them."""
        root = next(node for node in self.nodes.values() if "parentId" not in node)
        lines: list[str] = []
        for line in self._below(root, said="", live="", without=without):
            # The words of a label stand behind its radio button or box too.
            if not (lines and f"“{line}”" in lines[-1]):
                lines.append(line)
        return lines

    def _below(self, node: dict[str, Any], *, said: str, live: str, without: frozenset[str]) -> Iterator[str]:
        role, name = node.get("role", {}).get("value"), _text(node.get("name"))
        if role == CLOSED or role in without:
            return
        is_text = role == "StaticText"
        spoken = not node["ignored"] and role not in SILENT and not (is_text and (not name or name in said))
        if spoken:
            yield (
                f"{name}{live}"
                if is_text
                else " ".join(filter(None, (role, name and f"“{name}”", _states(node))))
            )
        inner = f"{said} {name} {_text(node.get('value'))}" if spoken else said
        # What is in a live region is spoken when it changes; the region itself says so in its own line.
        below = f" ({mode})" if (mode := _live(node)) else live
        # An image with a name is read as its name: what it draws is not read as words beside it.
        without = without | {"StaticText"} if role == "image" and name else without
        for child in filter(None, map(self.nodes.get, node.get("childIds", []))):
            yield from self._below(child, said=inner, live=below, without=without)


def _begins(words: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(words)}")


def _text(value: dict[str, Any] | None) -> str:
    return " ".join(str((value or {}).get("value", "")).split())


def _found(node: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one["value"].get("value") for one in node.get("properties", [])}


def _live(node: dict[str, Any]) -> str:
    mode = _found(node).get("live")
    return f"live {mode}" if mode in {"polite", "assertive"} else ""


def _states(node: dict[str, Any]) -> str:
    found = _found(node)
    said = [str(found["level"])] if node["role"]["value"] == "heading" else []
    said += [
        name if name == "focused" else f"{name} {found[name]}"
        for name in STATES
        if found.get(name) not in UNSAID
    ]
    described, value = _text(node.get("description")), _text(node.get("value"))
    said += [f"value {value}"] if value else []
    return ", ".join([*said, *([f"described: {described}"] if described else [])])


def changed(before: list[str], after: list[str]) -> list[str]:
    """Return what is new (+) and what is gone (-), each change below the line that stands before it."""
    said = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            said += [f"  {after[k - 1]}"] if k else []
            said += [f"- {line}" for line in before[i:j]]
            said += [f"+ {line}" for line in after[k:m]]
    return said


@dataclass
class Way:
    """One person's way through the pages: what they do, and after each step what they hear.

    The first page is heard whole, a later one without what surrounds every page. A step that leaves most of the page as
    it was, like a press in it or a form that came back, is heard as what it changes.
    """

    page: Page
    clock: time_machine.Traveller
    script: list[str] = field(default_factory=list)
    _did: list[str] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    invalid_too_early: list[str] = field(default_factory=list)

    def opens(self, path: str, *, says: str = "") -> None:
        self.page.goto(path)
        self.heard(says or f"open {path}")

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)
        self._did.append(f"{label}: {text}")

    def attach(self, label: str, file: FilePayload) -> None:
        self.page.get_by_label(label).set_input_files(file)
        self._did.append(f"{label}: {file['name']}")

    def check(self, words: str, *, within: str = "") -> None:
        """Choose a radio button or check a box; `within` is how the name of its group begins."""
        groups = self.page.get_by_role("group", name=_begins(within))
        where: Page | Locator = groups if within else self.page
        where.get_by_label(words, exact=True).first.check(force=True)
        self._did.append(f"{within}: {words}" if within else f"check {words}")

    def follow(self, words: str, *, until: str = "") -> None:
        self.act("link", words, leads=True, until=until)

    def send(self, words: str) -> None:
        self.act("button", words, leads=True)

    def press(self, words: str, *, until: str = "") -> None:
        """Press a button that stays in the page; `until` is a selector of what appears by it."""
        self.act("button", words, leads=False, until=until)

    def act(self, role: Any, words: str, *, leads: bool, until: str = "") -> None:
        found = self.page.get_by_role(role, name=_begins(words)).locator("visible=true").first
        waiting: AbstractContextManager[Any] = self.page.expect_navigation() if leads else nullcontext()
        with waiting:
            found.click()
        if until:
            # What a script of the page shows comes a moment after the press, or after the page has loaded.
            self.page.locator(until).locator("visible=true").first.wait_for()
        self.heard(f"{'follow' if role == 'link' else 'press'} {words}")

    def waits(self, seconds: int) -> None:
        """Let the clocks of the server and of the page go on."""
        self.clock.shift(seconds)
        self.page.clock.run_for(1000 * seconds)
        self._did.append(f"wait {seconds} seconds")

    def key(self, name: str, *, leads: bool = False) -> None:
        waiting: AbstractContextManager[Any] = self.page.expect_navigation() if leads else nullcontext()
        with waiting:
            self.page.keyboard.press(name)
        self.heard(f"press the key {name}")

    def heard(self, did: str = "") -> None:
        """Write what is heard now, headed by what was done."""
        title, tree = self.page.title(), Heard.on(self.page)
        lines = [title, *tree.lines(without=ON_EVERY_PAGE)]
        if not self.script:
            said = [title, *tree.lines()]
        elif SequenceMatcher(None, self._lines, lines, autojunk=False).ratio() > MOSTLY_THE_SAME:
            said = changed(self._lines, lines) or ["(nothing)"]
        else:
            said = lines
        self.script += [f"\n== {'; '.join(filter(None, [*self._did, did]))}", *said]
        self._did, self._lines = [], lines
        if not title.startswith("Error:"):
            self.invalid_too_early += [line for line in lines if "invalid true" in line]
