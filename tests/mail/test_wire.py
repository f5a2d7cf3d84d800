"""The bytes that go over the wire, read by two independent parsers: Python's own and one in Rust."""

import email
import email.policy
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import fast_mail_parser
import pytest

from challenge.mail.mime import LONGEST_LINE, as_bytes
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.weekly.decide import decide_due
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.mail.conftest import make_message
from tests.weekly.conftest import SIX

pytestmark = pytest.mark.django_db


@pytest.fixture
def weekly() -> OutboxMessage:
    enroll()
    decide_due(now=lambda: SIX)
    return OutboxMessage.objects.get(kind=MessageKind.WEEKLY)


def read(data: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert list(parsed.defects) == []
    return parsed


@pytest.mark.parametrize("eight_bit", [True, False])
def test_plain_text_comes_first_and_each_part_names_its_charset_once(
    weekly: OutboxMessage, eight_bit: bool
) -> None:
    message = read(as_bytes(weekly, at=SIX, eight_bit=eight_bit))
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    for part in parts:
        assert str(part["Content-Type"]).lower().count("charset") == 1
    assert parts[0].get_content().replace("\r\n", "\n") == weekly.text
    assert parts[1].get_content().replace("\r\n", "\n").strip() == weekly.html.strip()


@pytest.mark.parametrize("eight_bit", [True, False])
def test_a_second_parser_reads_the_same(weekly: OutboxMessage, eight_bit: bool) -> None:
    data = as_bytes(weekly, at=SIX, eight_bit=eight_bit)
    theirs: Any = fast_mail_parser.parse_email(data)
    ours = read(data)
    assert theirs.subject == ours["Subject"] == weekly.subject
    for name in ("Message-ID", "Date", "List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To", "From", "To"):
        assert theirs.headers[name] == [str(ours[name])]
    assert [part.replace("\r\n", "\n").strip() for part in theirs.text_plain] == [weekly.text.strip()]
    assert [part.replace("\r\n", "\n").strip() for part in theirs.text_html] == [weekly.html.strip()]


def test_the_headers_a_mail_program_asks_for(weekly: OutboxMessage) -> None:
    message = read(as_bytes(weekly, at=SIX))
    assert message["Message-ID"] == weekly.message_id
    assert parsedate_to_datetime(str(message["Date"])) == SIX
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(message["List-Unsubscribe"]).startswith("<http")
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
        assert len(message.get_all(name, [])) == 1


def test_the_same_row_gives_the_same_bytes_again(weekly: OutboxMessage) -> None:
    assert as_bytes(weekly, at=SIX) == as_bytes(weekly, at=SIX)


def test_no_line_is_longer_than_a_server_takes_and_dots_survive() -> None:
    row = make_message()
    row.text = "." * 3000 + "\n.\n..\nend ü\n"
    data = as_bytes(row, at=NOW)
    assert max(map(len, data.split(b"\r\n"))) <= LONGEST_LINE
    plain = read(data).get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == row.text


def test_a_subject_beyond_ascii_is_encoded(weekly: OutboxMessage) -> None:
    weekly.subject = "Woche 2 für dich → los"
    assert read(as_bytes(weekly, at=SIX))["Subject"] == weekly.subject


HEALTH_WORDS = ("pain", "hurt", "injur", "tendon", "achilles", "flag", "red report", "diagnos", "symptom")


def test_the_email_does_not_mention_pain(weekly: OutboxMessage) -> None:
    words = (weekly.subject + weekly.text).lower().replace("pain-free runner challenge", "")
    words = words.replace(HEALTH_WORDS[0] + "-free", "")
    assert [word for word in HEALTH_WORDS if word in words] == []


def test_a_weekly_email_expires_when_the_next_is_due(weekly: OutboxMessage) -> None:
    assert weekly.expires_at == SIX + timedelta(days=7)
