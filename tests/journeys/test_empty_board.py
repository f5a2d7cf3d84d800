"""From every question of the demo open to none, by keyboard alone, counted; with `make deep`.

`make test` answers the board by keyboard in test_review.

An action leads on: the press of a button or link, the opening of a group, the key for the next unanswered. Moving the
focus and typing are keystrokes.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from challenge.accounts.models import User
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import FlagKind
from tests.journeys.conftest import Open
from tests.journeys.test_review import demo, focused

__all__ = ["demo"]  # the fixture: eight weeks of twenty runners
pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]

log = logging.getLogger(__name__)
ACTIONS_PER_RUNNER = 3
# Answered once for everyone who has the question: (its name on the board, the answer, why).
SHARED = (
    ("Heel strike for a while", "No (say why)", "Not while the tendon settles."),
    ("Cadence well above baseline", "The form is fine", ""),
    ("Exercises for a knee, hip or foot", "Begin the exercises", ""),
    ("An exercise that loads a sore joint", "Approve", ""),
)


@dataclass
class Keyboard:
    """Keys pressed on a page, with what they cost; `by_runner` has the actions about one runner alone."""

    page: Page
    keystrokes: int = 0
    actions: int = 0
    loads: int = 0
    by_runner: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.page.on("load", self._loaded)

    def _loaded(self, page: Page) -> None:
        self.loads += 1

    def key(self, name: str) -> None:
        self.keystrokes += 1
        self.page.keyboard.press(name)

    def write(self, words: str) -> None:
        self.keystrokes += len(words)
        self.page.keyboard.type(words)

    def tab_to(self, words: str, key: str = "Tab") -> None:
        for _ in range(150):
            self.key(key)
            if self.page.evaluate("document.activeElement !== document.body") and words in focused(self.page):
                return
        pytest.fail(f"no way to {words!r} by keyboard")

    def press(self, runner: str = "") -> None:
        """Press what is focused; `runner` names the one that it is about."""
        self.actions += 1
        self.by_runner[runner] += 1
        self.key("Enter")

    def press_and_load(self, runner: str = "") -> None:
        with self.page.expect_event("load", timeout=60_000):
            self.press(runner)


def answer_shared(keys: Keyboard, name: str, answer: str, why: str) -> None:
    keys.tab_to(name)
    keys.press()
    if why:
        keys.tab_to("Why")
        keys.write(why)
    keys.tab_to(answer)
    keys.press_and_load()
    expect(keys.page.get_by_text(" answered.")).to_be_visible()


def close_the_stop(keys: Keyboard, runner: str) -> None:
    """On the runner's page: what was found, what holds now, who looked."""
    keys.press_and_load(runner)
    keys.key("1")
    assert focused(keys.page) == "Nothing that rules out running"
    keys.key("Space")
    keys.tab_to("Runs again, following the plan")
    keys.key("Space")
    keys.tab_to("Who looked, and what was agreed")
    keys.write("Seen today, a stone in the shoe.")
    keys.tab_to("Close the flag")
    keys.press_and_load(runner)
    expect(keys.page.get_by_text("Closed.", exact=True)).to_be_visible()
    keys.tab_to("Back to the board", "Shift+Tab")
    keys.press_and_load(runner)


def close_the_message(keys: Keyboard, runner: str) -> None:
    """On the page of the conversation; counted apart from the runner's questions."""
    message = f"a message: {runner}"
    keys.tab_to("Read and answer")
    keys.press_and_load(message)
    keys.tab_to("No answer needed")
    keys.press_and_load(message)
    keys.tab_to("Back to the board", "Shift+Tab")
    keys.press_and_load(message)


def test_from_every_question_open_to_none_by_keyboard(demo: Enrollment, window: Open) -> None:
    asked = Flag.objects.filter(closed_at__isnull=True)
    at_first, needing = asked.count(), asked.values("enrollment").distinct().count()
    assert at_first > 20  # how many depends on the day of the week
    page = window(user=User.objects.get(email="clinician@demo.test"), width=1280).new_page()
    keys = Keyboard(page)
    page.goto("/admin/review/first/")
    for question in SHARED:
        answer_shared(keys, *question)
    for _ in range(at_first):
        if not page.locator("li.runner[data-waits]").count():
            break
        keys.key("n")
        runner = focused(page)
        if page.locator("li.runner:focus-within .reason").first.inner_text().startswith("Message"):
            close_the_message(keys, runner)
            continue
        if page.locator("li.runner:focus-within .reason").first.inner_text().startswith("Stop"):
            close_the_stop(keys, runner)
            continue
        keys.key("1")
        if page.evaluate("document.activeElement.tagName") == "INPUT":
            keys.write("Talked on the phone.")
            keys.key("Tab")
        keys.press_and_load(runner)
    figures = (
        f"{at_first} questions of {needing} runners: {keys.actions} actions, {keys.keystrokes} keystrokes, "
        f"{keys.loads} page loads, at most {max(n for name, n in keys.by_runner.items() if name)} for one runner"
    )
    log.info(figures)
    assert not asked.exists(), figures
    assert keys.actions <= ACTIONS_PER_RUNNER * needing, figures
    assert all(n <= ACTIONS_PER_RUNNER for name, n in keys.by_runner.items() if name), figures
    keys.key("n")
    assert not page.locator("li.runner[data-waits]").count()
    expect(page.locator(".counts")).to_contain_text("Needs you today 0")
    assert Flag.objects.filter(kind=FlagKind.STOP, closed_by__isnull=False).exists()
