"""A clinician's own calendar over https on loopback: fetched, trusted for a day, shown, never able to reach inside."""

import ipaddress
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse

from challenge.calls import calendar_actions
from challenge.calls.actions import book
from challenge.calls.calendar_actions import add_calendar, read_calendar, read_due, remove_calendar
from challenge.calls.models import Booking
from challenge.calls.schedule_models import Availability, BusyCalendar
from challenge.calls.slots import diaries, free_slots
from challenge.calls.staff_time import SlotTaken
from challenge.mail.public_host import CannotFetch, PublicFetcher, is_public
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call, make_prospect
from tests.factories.people import make_front_desk, use_second_factor

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
HOST = "calendar.test"
Answer = Callable[[BaseHTTPRequestHandler], None]


def meeting(starts_at: datetime, minutes: int = 30) -> str:
    ends_at = starts_at + timedelta(minutes=minutes)
    return (
        f"BEGIN:VEVENT\r\nUID:{starts_at:%m%d%H%M}@theirs\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Private matter\r\n"
        f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}\r\nDTEND:{ends_at:%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\n"
    )


def file_of(*events: str) -> bytes:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n{''.join(events)}END:VCALENDAR\r\n".encode()
    )


def send(handler: BaseHTTPRequestHandler, status: int, content: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


class CalendarServer:
    """An https server on loopback whose answer a test sets; it counts the requests and keeps their tags."""

    def __init__(self, folder: Path) -> None:
        self.answer: Answer = lambda handler: send(handler, 200, file_of())
        self.tags: list[str | None] = []
        certificate = _certificate(folder)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.tags.append(self.headers.get("If-None-Match"))
                outer.answer(self)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.handle_error = lambda *args: None  # type: ignore[method-assign]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.trust = ssl.create_default_context(cafile=str(certificate))

    @property
    def address(self) -> str:
        return f"https://{HOST}:{self.server.server_port}/secret.ics"

    def fetcher(self, **more: Any) -> PublicFetcher:
        """A fetcher that finds this server by name and may reach loopback."""
        options: dict[str, Any] = {
            "resolve": lambda host, port: ["127.0.0.1"],
            "is_allowed": lambda address: True,
            "context": self.trust,
            "ports": (),
        }
        return PublicFetcher(**(options | more))


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(tz=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=4000))
        .not_valid_after(now + timedelta(days=4000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    server = CalendarServer(tmp_path_factory.mktemp("calendar"))
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def server(shared_server: CalendarServer) -> CalendarServer:
    shared_server.tags.clear()
    return shared_server


@pytest.fixture
def calendar(db: None, server: CalendarServer) -> BusyCalendar:
    availability = make_availability()
    return add_calendar(
        availability=availability, name="Work", address=server.address, by=availability.staff, at=NOW
    )


def starts(availability: Availability) -> list[datetime]:
    (diary,) = diaries(since=TEN - timedelta(hours=1), until=TEN + timedelta(hours=2))
    return [slot.starts_at for slot in free_slots(diary, since=TEN, until=TEN + timedelta(hours=2), at=NOW)]


def test_a_meeting_in_their_calendar_is_no_free_time(server: CalendarServer, calendar: BusyCalendar) -> None:
    assert TEN in starts(calendar.availability)
    server.answer = lambda handler: send(handler, 200, file_of(meeting(TEN)), ETag='"one"')
    read_calendar(calendar=calendar, at=NOW, fetcher=server.fetcher())
    assert TEN not in starts(calendar.availability)
    with pytest.raises(SlotTaken):
        make_call(availability=calendar.availability, starts_at=TEN, at=NOW)
    calendar.refresh_from_db()
    assert (calendar.is_trusted, calendar.problem, calendar.etag) == (True, "", '"one"')
    remove_calendar(calendar=calendar, by=calendar.availability.staff, at=NOW)
    assert TEN in starts(calendar.availability)


def test_the_address_is_sealed_and_what_the_meeting_is_stays_out(
    server: CalendarServer, calendar: BusyCalendar
) -> None:
    assert HOST not in calendar.sealed_address
    server.answer = lambda handler: send(handler, 200, file_of(meeting(TEN)))
    read_calendar(calendar=calendar, at=NOW, fetcher=server.fetcher())
    assert "Private" not in str(list(calendar.times.values()))


def test_an_address_whose_key_is_gone_asks_to_be_entered_again(
    server: CalendarServer, calendar: BusyCalendar, settings: Any
) -> None:
    settings.DATA_KEY = "m" * 60
    read_calendar(calendar=calendar, at=NOW + timedelta(days=2), fetcher=server.fetcher())
    calendar.refresh_from_db()
    assert "Remove it and enter it again." in calendar.problem


def test_a_file_that_has_not_changed_keeps_its_times(server: CalendarServer, calendar: BusyCalendar) -> None:
    server.answer = lambda handler: send(handler, 200, file_of(meeting(TEN)), ETag='"one"')
    read_calendar(calendar=calendar, at=NOW, fetcher=server.fetcher())
    server.answer = lambda handler: send(handler, 304)
    later = NOW + timedelta(minutes=10)
    calendar.refresh_from_db()
    read_calendar(calendar=calendar, at=later, fetcher=server.fetcher())
    calendar.refresh_from_db()
    assert (calendar.read_at, calendar.times.count(), server.tags) == (later, 1, [None, '"one"'])


def test_a_server_that_never_sends_the_calendar_is_said_and_not_trusted_after_a_day(
    server: CalendarServer, calendar: BusyCalendar
) -> None:
    server.answer = lambda handler: send(handler, 200, file_of(meeting(TEN)), ETag='"one"')
    read_calendar(calendar=calendar, at=NOW, fetcher=server.fetcher())
    server.answer = lambda handler: send(handler, 304)
    for hours, trusted in ((21, True), (23, True), (24, False)):
        calendar.refresh_from_db()
        read_calendar(calendar=calendar, at=NOW + timedelta(hours=hours), fetcher=server.fetcher())
        calendar.refresh_from_db()
        assert "without ever sending" in calendar.problem
        assert calendar.is_trusted is trusted
    assert TEN in starts(calendar.availability)


def test_due_calendars_are_read_every_ten_minutes(server: CalendarServer, calendar: BusyCalendar) -> None:
    server.answer = lambda handler: send(handler, 200, file_of())
    moments = [NOW + timedelta(minutes=minutes) for minutes in (0, 2, 9, 10)]
    assert [read_due(at=at, fetcher=server.fetcher()) for at in moments] == [1, 0, 0, 1]


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"X" * 1_000_000)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"X")
        handler.wfile.flush()
        time.sleep(0.1)  # the server's slowness is what the test is about


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (endless, "larger than 1 MB"),
        pytest.param(dripping, "ten seconds", marks=pytest.mark.long),
        (lambda handler: send(handler, 500), "error 500"),
        (lambda handler: send(handler, 200, b"<html>"), "a calendar we can"),
        (lambda handler: send(handler, 200, b"x", Content_Encoding="gzip"), "compressed"),
        (lambda handler: send(handler, 302, Location="http://calendar.test/x"), "https://"),
        (lambda handler: send(handler, 302, Location="/secret.ics"), "without an end"),
        (lambda handler: send(handler, 302, Location="https://[::1"), "could not be reached"),
    ],
)
def test_a_bad_answer_becomes_a_sentence_and_keeps_what_was_known(
    server: CalendarServer, calendar: BusyCalendar, answer: Answer, sentence: str
) -> None:
    server.answer = lambda handler: send(handler, 200, file_of(meeting(TEN)))
    read_calendar(calendar=calendar, at=NOW, fetcher=server.fetcher())
    server.answer = answer
    calendar.refresh_from_db()
    read_calendar(calendar=calendar, at=NOW + timedelta(hours=1), fetcher=server.fetcher(seconds=2.0))
    calendar.refresh_from_db()
    assert sentence in calendar.problem
    assert HOST not in calendar.problem
    assert (calendar.is_trusted, calendar.times.count()) == (True, 1)


def test_a_redirect_to_a_private_address_is_not_followed(server: CalendarServer) -> None:
    """The negative control: the same redirect is followed where the address is allowed."""
    places = {HOST: ["127.0.0.1"], "inside.test": ["10.0.0.8"]}
    server.answer = lambda handler: send(handler, 302, Location="https://inside.test/admin")
    fetcher = server.fetcher(
        resolve=lambda host, port: places[host], is_allowed=lambda address: address == "127.0.0.1"
    )
    with pytest.raises(CannotFetch, match="private network"):
        fetcher.fetch(server.address)
    assert len(server.tags) == 1


def test_a_name_with_one_private_address_among_public_ones_is_refused(server: CalendarServer) -> None:
    fetcher = PublicFetcher(resolve=lambda host, port: ["93.184.216.34", "192.168.1.1"])
    with pytest.raises(CannotFetch, match="private network"):
        fetcher.fetch("https://calendar.example/x.ics")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1",
        "fec0::1", "192.0.0.8",
    ],
)  # fmt: skip
def test_no_private_address_is_public(address: str) -> None:
    assert not is_public(address)


def test_public_addresses_are_public() -> None:
    assert ipaddress.ip_address("142.250.1.1").is_global
    for address in ("142.250.1.1", "2a00:1450:4001::1", "64:ff9b::8efa:101", "::ffff:142.250.1.1"):
        assert is_public(address), address
    assert is_public("2607:f8b0:4009::1")


@pytest.mark.parametrize(
    "address", ["http://x.test/a", "https://x.test:8443/a", "https://me@x.test/a", "ftp://x.test/a"]
)
def test_only_plain_https_is_fetched(address: str) -> None:
    with pytest.raises(CannotFetch):
        PublicFetcher(resolve=lambda host, port: ["142.250.1.1"]).fetch(address)


@time_machine.travel(NOW, tick=False)
def test_a_meeting_that_appears_over_a_call_is_shown_and_moves_nothing(
    server: CalendarServer, calendar: BusyCalendar, client: Client
) -> None:
    call = make_call(availability=calendar.availability, starts_at=TEN, at=NOW)
    server.answer = lambda handler: send(handler, 200, file_of(meeting(TEN)))
    read_calendar(calendar=calendar, at=NOW, fetcher=server.fetcher())
    desk = make_front_desk()
    client.force_login(desk)
    use_second_factor(client, desk)
    assert "At the same time as a meeting in the clinician’s own calendar" in client.get("/admin/calls/").text
    before = call.starts_at
    call.refresh_from_db()
    assert call.starts_at == before


@time_machine.travel(NOW, tick=False)
def test_only_they_enter_their_calendar_and_the_address_is_never_shown_again(db: None) -> None:
    availability, client = make_availability(), Client()
    client.force_login(availability.staff)
    use_second_factor(client, availability.staff)
    address = reverse("calls_admin:enter_calendar", args=[availability.pk])
    for wrong in (
        "",
        "http://x.test/a.ics",
        "https://x.test:99/a",
        "file:///etc/passwd",
        "https://[::1",
        "nonsense",
    ):
        refused = client.post(address, {"name": "Work", "address": wrong})
        assert refused.status_code == 422
        assert 'value="Work"' in refused.text
    for n in range(calendar_actions.MOST_CALENDARS):
        typed = {"name": f"Work {n}", "address": "webcal://calendar.example/secret.ics"}
        assert client.post(address, typed).status_code == 302
    assert "At most 5 calendars" in client.post(address, typed).text
    page = client.get(reverse("calls_admin:hours", args=[availability.pk])).text
    assert "secret.ics" not in page
    assert "not read yet" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.deep
def test_two_hundred_bookings_beside_a_moving_calendar_never_lie_over_a_known_busy_time(
    server: CalendarServer,
) -> None:
    availability = make_availability(days=range(7), step_min=30, calls_a_day=40, horizon_days=60)
    calendar = add_calendar(
        availability=availability, name="Work", address=server.address, by=availability.staff, at=NOW
    )
    chance = random.Random(26)
    slots = [TEN + timedelta(days=d, minutes=30 * n) for d in range(40) for n in range(5)]
    for turn in range(20):
        busy = [slot for slot in slots if chance.random() < 0.3]
        server.answer = lambda handler, busy=busy: send(handler, 200, file_of(*map(meeting, busy)))  # type: ignore[misc]
        read_calendar(calendar=calendar, at=NOW, fetcher=server.fetcher())
        for n, slot in enumerate(slots[turn * 10 : turn * 10 + 10]):
            try:
                booked = book(
                    starts_at=slot,
                    staff_id=None,
                    prospect=make_prospect(email=f"{turn}-{n}@x.test"),
                    by=None,
                    at=NOW,
                )
            except SlotTaken:
                continue
            assert booked.starts_at not in busy
    assert Booking.objects.count() > 100
