"""The beat as a real browser renders it: ten minutes, every click where it belongs."""

from typing import Any

import pytest

from tests.factories.cohorts import enroll
from tests.journeys.conftest import Open

pytestmark = pytest.mark.django_db(transaction=True)

# Renders the page's own loop through an OfflineAudioContext and gives the moments of all clicks in samples.
RENDER = """async ([spm, every, rate, seconds]) => {
  const context = new OfflineAudioContext(1, rate * seconds, rate);
  window.metronome.play(context, spm, every, 0);
  const samples = (await context.startRendering()).getChannelData(0);
  const found = [], quiet = Math.round(rate * 0.1);
  let last = -quiet;
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]) < 0.05) continue;
    if (i - last >= quiet) found.push(i);
    last = i;
  }
  return found;
}"""
TEN_MINUTES = 600


@pytest.mark.parametrize(
    ("spm", "every", "rate"),
    [
        (173, 1, 24000),
        (167, 3, 44100),
        pytest.param(168, 1, 24000, marks=pytest.mark.deep),
        pytest.param(179, 2, 24000, marks=pytest.mark.deep),
    ],
)
def test_ten_minutes_of_the_metronome_have_every_beat_where_it_belongs(
    window: Open, spm: int, every: int, rate: int
) -> None:
    page = window().new_page()
    page.goto("/metronome/")
    found = page.evaluate(RENDER, [spm, every, rate, TEN_MINUTES])
    apart = 60 * rate * every / spm
    expected = [number * apart for number in range(int(TEN_MINUTES * rate / apart - 1e-9) + 1)]
    assert len(found) == len(expected)
    assert max(abs(at - due) for at, due in zip(found, expected, strict=True)) <= 1


def test_the_beat_starts_changes_and_stops(window: Open) -> None:
    page = window(user=enroll().seat.user).new_page()
    errors: list[Any] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto("/metronome/")
    page.get_by_role("button", name="Start").click()
    button = page.locator("[data-play]")
    button.get_by_text("Stop").wait_for()
    page.get_by_role("button", name="One faster").click()
    page.get_by_label("Every third").check()
    assert page.locator("[data-number]").inner_text() == "171"
    button.click()
    button.get_by_text("Start").wait_for()
    assert errors == []


def test_tapping_along_gives_a_cadence(window: Open) -> None:
    """Twelve taps 720 ms apart, one of them missed: 166.67 steps a minute."""
    page = window().new_page()
    page.goto("/metronome/")
    page.evaluate(
        """() => {
          const button = document.querySelector("[data-tap] button");
          for (let i = 0; i < 12; i++) {
            if (i === 5) continue;
            const tap = new PointerEvent("pointerdown");
            Object.defineProperty(tap, "timeStamp", {value: 1000 + i * 720});
            button.dispatchEvent(tap);
          }
        }"""
    )
    assert page.locator("[data-tap] [data-shown]").inner_text() == "167"


def test_a_count_of_one_foot_is_made_into_a_cadence(window: Open) -> None:
    page = window().new_page()
    page.goto("/metronome/")
    page.get_by_label("Landings of one foot").fill("41")
    assert "164 steps a minute" in page.locator("[data-count] [role=status]").inner_text()
