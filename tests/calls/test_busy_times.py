"""Busy times of calendar files in the three shapes of Google, Outlook and iCloud, made for the test."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from challenge.calls.busy_times import CannotRead, Stretch, read_busy_times

SINCE = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday, in the week before the clocks change
UNTIL = SINCE + timedelta(days=28)
CHICAGO = ZoneInfo("America/Chicago")

CHICAGO_ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(
    *events: str, zone: str = "America/Chicago", product: str = "-//Google Inc//Google Calendar//EN"
) -> bytes:
    parts = [
        f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:{product}\n",
        CHICAGO_ZONE.format(name=zone),
        *(f"BEGIN:VEVENT\nDTSTAMP:20260101T000000Z\n{event.strip()}\nEND:VEVENT\n" for event in events),
        "END:VCALENDAR\n",
    ]
    return "".join(parts).replace("\n", "\r\n").encode()


def busy(content: bytes, zone: str = "America/Chicago") -> list[Stretch]:
    return read_busy_times(content, since=SINCE, until=UNTIL, zone=zone, own_host="clinic.test")


def local(stretches: list[Stretch]) -> list[str]:
    return [f"{a.astimezone(CHICAGO):%m-%d %H:%M}–{b.astimezone(CHICAGO):%H:%M}" for a, b in stretches]


def test_googles_shape_a_weekly_meeting_with_an_exception_and_a_moved_instance() -> None:
    """The clocks change on March 8: the meeting stays at 9 on the wall."""
    weekly = """UID:a@google.com
DTSTART;TZID=America/Chicago:20260105T090000
DTEND;TZID=America/Chicago:20260105T100000
RRULE:FREQ=WEEKLY;BYDAY=MO
EXDATE;TZID=America/Chicago:20260316T090000"""
    moved = """UID:a@google.com
RECURRENCE-ID;TZID=America/Chicago:20260323T090000
DTSTART;TZID=America/Chicago:20260324T140000
DTEND;TZID=America/Chicago:20260324T143000"""
    assert local(busy(calendar(weekly, moved))) == [
        "03-02 09:00–10:00",
        "03-09 09:00–10:00",
        "03-24 14:00–14:30",
    ]


def test_outlooks_shape_a_zone_of_its_own_name_and_free_time() -> None:
    name = "Central Standard Time"
    meeting = f"""UID:040000008200E00074C5B7101A82E008
DTSTART;TZID={name}:20260309T130000
DTEND;TZID={name}:20260309T134500
X-MICROSOFT-CDO-BUSYSTATUS:BUSY"""
    free = f"""UID:040000008200E00074C5B7101A82E009
DTSTART;TZID={name}:20260310T130000
DTEND;TZID={name}:20260310T134500
X-MICROSOFT-CDO-BUSYSTATUS:FREE"""
    file = calendar(meeting, free, zone=name, product="Microsoft Exchange Server 2010")
    assert local(busy(file)) == ["03-09 13:00–13:45"]


def test_iclouds_shape_whole_days_durations_and_utc() -> None:
    whole = "UID:b@icloud.com\nDTSTART;VALUE=DATE:20260311\nDTEND;VALUE=DATE:20260313"
    one = "UID:c@icloud.com\nDTSTART;VALUE=DATE:20260317"
    lasting = "UID:d@icloud.com\nDTSTART:20260318T150000Z\nDURATION:PT45M"
    reminder = "UID:e@icloud.com\nDTSTART:20260319T150000Z"
    found = busy(calendar(whole, one, lasting, reminder, product="-//Apple Inc.//iCloud//EN"))
    assert found == [
        (datetime(2026, 3, 11, tzinfo=CHICAGO), datetime(2026, 3, 13, tzinfo=CHICAGO)),
        (datetime(2026, 3, 17, tzinfo=CHICAGO), datetime(2026, 3, 18, tzinfo=CHICAGO)),
        (datetime(2026, 3, 18, 15, tzinfo=UTC), datetime(2026, 3, 18, 15, 45, tzinfo=UTC)),
    ]


def test_whole_days_and_floating_times_are_those_of_the_clinicians_zone() -> None:
    floating = "UID:f@x\nDTSTART:20260311T090000\nDTEND:20260311T100000"
    (found,) = busy(calendar(floating), zone="America/New_York")
    assert found[0] == datetime(2026, 3, 11, 13, tzinfo=UTC)


@pytest.mark.parametrize("extra", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "UID:0a1b@clinic.test"])
def test_what_is_free_canceled_or_our_own_is_not_busy(extra: str) -> None:
    uid = "" if extra.startswith("UID") else "UID:g@x\n"
    assert busy(calendar(f"{uid}DTSTART:20260311T150000Z\nDTEND:20260311T160000Z\n{extra}")) == []


def test_an_event_that_began_before_and_overlapping_ones_are_merged() -> None:
    long = "UID:h@x\nDTSTART:20260302T100000Z\nDTEND:20260302T150000Z"
    inside = "UID:i@x\nDTSTART:20260302T140000Z\nDTEND:20260302T160000Z"
    assert busy(calendar(long, inside)) == [
        (datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        pytest.param(
            "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYMINUTE=1,2,3,4,5,6,7,8,9;BYSECOND=1,2,3,4,5,6,7,8,9",
            marks=pytest.mark.deep,
        ),
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_an_endless_rule_ends_with_a_sentence(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it yields events without end or none at all; half the time that the program allows is enough for it."""
    monkeypatch.setattr("challenge.calls.busy_times.CPU_S", 2)
    with pytest.raises(CannotRead, match=r"never end|too many events|cannot|not a calendar"):
        busy(calendar(f"UID:j@x\nDTSTART:19700101T000000Z\nDTEND:19700101T000001Z\nRRULE:{rule}"))


@pytest.mark.parametrize(
    "content", [b"", b"<html>sign in</html>", b"\x00" * 900_000, b"BEGIN:VCALENDAR\r\n" * 9_000]
)
def test_what_is_no_calendar_gets_a_sentence_or_holds_nothing(content: bytes) -> None:
    with pytest.raises(CannotRead):
        busy(content)
