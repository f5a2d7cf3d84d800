"""Each email has the same words as text and HTML, links only to the site itself and needs no pictures."""

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings

from challenge.clinic.queries import clinic_words
from challenge.mail.actions import put_all_in_outbox
from challenge.mail.models import MessageKind
from challenge.mail.rendering import OutgoingMessage, render

LETTERS = sorted(
    path.name.removesuffix(".subject.txt")
    for path in (Path(settings.BASE_DIR) / "templates/emails").glob("*.subject.txt")
)
WITH_HTML = [name for name in LETTERS if (Path(settings.BASE_DIR) / f"templates/emails/{name}.html").exists()]
SECURITY = [
    "sign_in_code",
    "email_code",
    "password_code",
    "account_changed",
    "already_registered",
    "unknown_address",
    "address_changing",
    "address_given",
]
FILLED = {
    "code": "K4T9-PW",
    "viewer": "Ada Moor",
    "device": "Chrome on Android",
    "happened": "A passkey was added to your account.",
    "number": 7,
    "capacity": 20,
    "cohort": "Spring beta",
    "starts_on": "Monday, January 5",
    "link": "http://testserver/join/",
    "until": "Friday, noon",
    "opens": "Thursday at noon",
    "public": "Saturday at noon",
    "off": "http://testserver/early-access/1.x/",
    "with_whom": "Mia Ray",
    "reason": "Ada is ill.",
    "minutes": 20,
    "early": True,
    "when": "Friday, January 9, 9:00 AM (CST)",
    "old_works": True,
}
OURS = [
    *SECURITY, "welcome", "early_access_invitation", "launch_invitation", "list_confirm", "seat_held", "seat_withdrawn",
    "start_moved",
    "call_handed_over", "call_link_again", "check_in_offered", "emergency_runner",
]  # fmt: skip


@pytest.mark.parametrize("number", [7, None])
@pytest.mark.parametrize("code", ["K4T9-PW", ""])
@pytest.mark.parametrize("name", WITH_HTML)
def test_the_html_begins_with_its_one_heading_of_the_first_level(
    name: str, code: str, number: int | None
) -> None:
    html = render(name, FILLED | {"code": code, "number": number}).html
    letter = html.partition('class="brand"')[2].partition("</p>")[2]
    assert re.findall("<h([1-6])", letter)[:1] == ["1"]
    assert letter.count("<h1") == 1
    above = re.sub("<[^>]+>", " ", letter.partition("<h1")[0]).split()
    assert len(above) < 12, "one line at most is read before the heading"


@pytest.mark.parametrize("name", OURS)
def test_the_html_has_the_words_of_the_plain_text(name: str) -> None:
    message = render(name, FILLED)
    for value in ("K4T9-PW", "Spring beta", "http://testserver/join/", "Friday, noon", "January 9, 9:00 AM"):
        assert (value in message.text) <= (value in message.html), value
    assert message.subject
    assert "\n" not in message.subject


@pytest.mark.parametrize("name", OURS)
def test_an_email_needs_no_picture_script_or_other_host(name: str) -> None:
    html = render(name, FILLED).html
    assert not re.search(r"<(img|script|link|iframe)\b|url\(", html)
    assert set(re.findall(r"https?://([^/\"'<>\s]+)", html)) <= {"testserver"}


@pytest.mark.parametrize("name", OURS)
def test_styles_are_in_the_elements_and_dark_ones_in_the_head(name: str) -> None:
    html = render(name, FILLED).html
    assert 'style="' in html
    assert "prefers-color-scheme: dark" in html


def test_an_email_from_a_shared_rendering_reads_as_if_rendered_alone() -> None:
    shared = {
        "week": 3,
        "weeks": 12,
        "exercises": (),
        "recovery": "Rest.",
        "plan_url": "http://testserver/plan/3/",
    }
    for why, caution in (("Up by 5% & more, it's <fine>.", ""), ("As it was.", "Ease \\1 the {{ hills }}.")):
        words = {
            "number": 168,
            "headline": "168 steps a minute",
            "why": why,
            "caution": caution,
            "last_week": "4 runs.",
            "unsubscribe_url": "http://testserver/u/?a=1&b=2",
        }
        filled, alone = render("weekly_target", shared, words), render("weekly_target", shared | words)
        assert (filled.subject, filled.text) == (alone.subject, alone.text)
        assert unescape(filled.html) == unescape(alone.html)
        assert "<fine>" not in filled.html


@pytest.mark.django_db
def test_the_clinics_words_are_read_once_for_many_emails(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def watched() -> dict[str, str]:
        read.append("words")
        return clinic_words()

    monkeypatch.setattr("challenge.mail.rendering.clinic_words", watched)
    messages = [
        OutgoingMessage(
            kind=MessageKind.WEEKLY,
            template="weekly_link",
            to=f"runner{number}@runners.test",
            context={"week": 3, "weeks": 12},
            dedupe_key=f"weekly:{number}",
        )
        for number in range(3)
    ]
    assert len(put_all_in_outbox(messages, at=datetime(2026, 1, 5, tzinfo=UTC))) == 3
    assert read == ["words"]


def test_every_email_has_a_plain_text() -> None:
    folder = Path(settings.BASE_DIR) / "templates/emails"
    assert [name for name in LETTERS if not (folder / f"{name}.txt").exists()] == []
