"""A day at the desk in a real browser: small tasks with presses counted, four at most; by keyboard; on a phone.

A press is a link, a button or a fold that is opened; typing is none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from challenge.calls.actions import move
from challenge.calls.models import Booking, BookingState
from challenge.calls.schedule_models import Availability
from challenge.calls.slots import diaries, free_slots
from challenge.enrollment.models import EarlyAccess
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, make_open_cohort
from tests.factories.people import make_clinician, make_front_desk, make_runner_user

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., BrowserContext]
MOST_PRESSES = 4
DAY, SEATS = "/admin/calls/", "/admin/seats/"


class Clinic:
    """Two clinicians who take calls around the clock, and callers on demand."""

    def __init__(self) -> None:
        around: dict[str, Any] = {
            "days": range(7), "starts": time(0), "ends": time(23, 50), "length_min": 10, "step_min": 10,
            "buffer_after_min": 0, "notice_min": 0, "calls_a_day": 40,
        }  # fmt: skip
        self.ada: Availability = make_availability(staff=make_clinician(name="Ada Moor"), **around)
        self.mia: Availability = make_availability(staff=make_clinician(name="Mia Ray"), **around)
        self.desk = make_front_desk()
        self.cohort = make_open_cohort(name="Spring", slug="spring")
        enroll(
            cohort=self.cohort,
            user=make_runner_user(name="Kim Seat", email="kim@runners.test"),
            at=timezone.now(),
        )
        self.number = 0

    def _slots(self) -> Iterator[datetime]:
        now = timezone.now()
        (diary,) = diaries(since=now, until=now + timedelta(hours=20), staff_id=self.ada.staff_id)
        yield from (
            slot.starts_at
            for slot in free_slots(
                diary, since=now + timedelta(hours=2), until=now + timedelta(hours=20), at=now
            )
        )

    def caller(self, **fields: Any) -> Booking:
        """Book a call with Ada within the next hours, for a caller with a name of their own."""
        self.number += 1
        details: dict[str, Any] = {
            "name": f"Caller {self.number:02d}",
            "email": f"caller{self.number}@callers.test",
        }
        return make_call(
            availability=self.ada,
            starts_at=next(self._slots()),
            at=timezone.now(),
            by=self.desk,
            **(details | fields),
        )

    def past(self, **fields: Any) -> Booking:
        """Return a call of an hour ago and more."""
        call = self.caller(**fields)
        ago = timezone.now() - timedelta(minutes=60 + 15 * self.number)
        Booking.objects.filter(pk=call.pk).update(
            starts_at=ago, ends_at=ago + timedelta(minutes=10), busy=(ago, ago + timedelta(minutes=10))
        )
        return call

    def silent(self) -> Booking:
        """Return a call without email that the clinic has moved."""
        call = self.caller(email="", phone="+16125550177")
        return move(
            booking=call, starts_at=list(self._slots())[3], staff_id=None, by=self.desk, at=timezone.now()
        )


@dataclass(frozen=True)
class DeskTask:
    """`steps` are pairs: what is done, and to what. `call` makes the caller; `{name}` in a step is theirs."""

    says: str
    steps: tuple[tuple[str, str], ...]
    then: str
    call: Callable[[Clinic], Booking] | None = None
    start: str = DAY
    where: dict[str, str] = field(default_factory=dict)


def opened(*steps: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return (("link", "{name}"), *steps)


CORRECT = ("fold", "Correct the caller’s details")
ADA = (("link", "Hours and time off"), ("link", "Ada Moor"))
TASKS = (
    DeskTask("see the next caller", (), "{name}", Clinic.caller),
    DeskTask("open a call", opened(), "How they heard of us", Clinic.caller),
    DeskTask("note that it took place", (("button", "It took place: {name}"),), "Calls", Clinic.past),
    DeskTask("note that nobody came", (("button", "No one came: {name}"),), "Calls", Clinic.past),
    DeskTask("tick a caller who was phoned", (("button", "Phoned: {name}"),), "Noted", Clinic.silent),
    DeskTask("send the link again", opened(("button", "Send the link again")), "on its way", Clinic.caller),
    DeskTask(
        "correct a phone number",
        opened(CORRECT, ("#correct_phone", "(612) 555-0123"), ("button", "Correct them")),
        "+1 612 555 0123", Clinic.caller,
    ),
    DeskTask(
        "correct an address",
        opened(CORRECT, ("#correct_email", "right@callers.test"), ("button", "Correct them")),
        "right@callers.test", Clinic.caller,
    ),
    DeskTask(
        "correct a name", opened(CORRECT, ("#correct_name", "Rona Vale"), ("button", "Correct them")), "Rona Vale",
        Clinic.caller,
    ),
    DeskTask(
        "correct a time zone",
        opened(CORRECT, ("#correct_zone", "Tokyo"), ("button", "Correct them")), "for the caller",
        Clinic.caller,
    ),
    DeskTask(
        "hand a call over",
        opened(("fold", "Hand it over"), ("#hand_reason", "Ada is ill."), ("button", "Hand it over")),
        "Mia Ray takes the call", Clinic.caller,
    ),
    DeskTask(
        "cancel a call",
        opened(("fold", "Cancel it"), ("#id_reason", "We are closed."), ("button", "Cancel the call")), "Canceled",
        Clinic.caller,
    ),
    DeskTask(
        "move a call", opened(("link", "Move it"), ("css", ".calls-times a"), ("button", "Move the call")), "Moved",
        Clinic.caller,
    ),
    DeskTask(
        "set a day to follow up", opened(("#id_follow_up_on", "2030-01-07"), ("button", "Save")), "Kept",
        Clinic.caller,
    ),
    DeskTask("hold a seat", opened(("button", "Hold a seat")), "is held for", Clinic.past),
    DeskTask("list a caller", opened(("button", "Put them on the launch list")), "On the list", Clinic.caller),
    DeskTask("note an outcome on the call's page", opened(("button", "It took place")), "No one came", Clinic.past),
    DeskTask(
        "correct an outcome", opened(("button", "No one came"), ("button", "It took place after all")), "Took place",
        Clinic.past,
    ),
    DeskTask("find by name", (("#desk-q", "{name}"), ("button", "Find")), "Found for", Clinic.caller),
    DeskTask("find by first letters", (("#desk-q", "call"), ("button", "Find")), "{name}", Clinic.caller),
    DeskTask("find by email", (("#desk-q", "{email}"), ("button", "Find")), "{name}", Clinic.caller),
    DeskTask("find by phone", (("#desk-q", "612.555.0177"), ("button", "Find")), "{name}", Clinic.silent),
    DeskTask("find by the last digits", (("#desk-q", "0177"), ("button", "Find")), "{name}", Clinic.silent),
    DeskTask(
        "open what was found", (("#desk-q", "{name}"), ("button", "Find"), ("link", "{name}")), "How they heard of us",
        Clinic.caller,
    ),
    DeskTask("find a seat", (("#desk-q", "kim seat"), ("button", "Find")), "bib 1 of Spring"),
    DeskTask("open a found seat", (("#desk-q", "kim seat"), ("button", "Find"), ("link", "Kim Seat")), "confirmed"),
    DeskTask("look at the week", (("link", "The week"),), "The week’s calls"),
    DeskTask("look at the next week", (("link", "The week"), ("link", "Later")), "The week’s calls"),
    DeskTask("come back to today", (("link", "The week"), ("link", "Today")), "Find a call"),
    DeskTask("get all calls into a calendar", (("button", "Make an address"),), "Make a new address"),
    DeskTask("renew that address", (("button", "Make a new address"),), "Your private address"),
    DeskTask("end that address", (("button", "End this address"),), "Make an address"),
    DeskTask("see who takes calls", (("link", "Hours and time off"),), "Mia Ray"),
    DeskTask("see a clinician's hours", ADA, "Every week"),
    DeskTask(
        "enter leave",
        (
            *ADA, ("fold", "Add time off"), ("#leave_first", "2030-03-04"), ("#leave_last", "2030-03-08"),
            ("button", "Add this time off"),
        ),
        "The time off is saved",
    ),
    DeskTask("take leave out", (*ADA, ("button", "Remove it")), "The time off is removed"),
    DeskTask(
        "close one day", (*ADA, ("fold", "Set a date"), ("#date_on", "2030-03-12"), ("button", "Set the date")),
        "The date is saved",
    ),
    DeskTask("open that day again", (*ADA, ("button", "Use the usual hours")), "The date is saved"),
    DeskTask(
        "change the limits", (*ADA, ("#id_horizon_days", "30"), ("button", "Save the limits")), "The limits are saved"
    ),
    DeskTask(
        "book a free time",
        (("css", ".desk-free a"), ("#id_name", "Nia Bell"), ("#id_phone", "612 555 0133"), ("button", "Book the call")),
        "Booked",
    ),
    DeskTask("look at the launch list", (("link", "The public launch"),), "waiting, and in what order", start=SEATS),
    DeskTask(
        "squeeze a call in",
        (
            ("link", "Book for someone"), ("link", "Squeeze in"), ("#id_on", "2030-06-03"), ("#id_time", "06:05"),
            ("#id_reason", "flies at nine"), ("#id_name", "Bo Lind"), ("#id_phone", "612 555 0144"),
            ("button", "Book the call"),
        ),
        "Booked outside the hours",
    ),
)  # fmt: skip
PRESSES = {"link", "button", "fold", "css"}


def do(page: Page, kind: str, what: str) -> None:
    """Take one step."""
    if kind == "fold":
        page.locator("summary", has_text=what).first.click()
    elif kind == "css":
        page.locator(what).last.click()
    elif kind in {"link", "button"}:
        # By text: a hidden part of a name, which tells buttons apart for screen readers, gets a space before it.
        page.get_by_role(kind).filter(has_text=what).first.click()  # type: ignore[arg-type]
    elif kind.startswith("choose "):
        page.locator(kind.removeprefix("choose ")).select_option(what)
    else:
        page.locator(kind).fill(what)


def test_there_are_forty_tasks_and_none_takes_more_than_four_presses() -> None:
    assert len(TASKS) >= 40
    most = {task.says: sum(kind in PRESSES for kind, _ in task.steps) for task in TASKS}
    assert {says: presses for says, presses in most.items() if presses > MOST_PRESSES} == {}


@pytest.mark.deep
def test_a_day_of_the_desk(window: Open) -> None:
    clinic = Clinic()
    page = window(user=clinic.desk, width=1280).new_page()
    for task in TASKS:
        call = task.call(clinic) if task.call else None
        words = {"name": call.name, "email": call.email} if call else {}
        page.goto(task.start)
        for kind, what in task.steps:
            do(page, kind, what.format(**words))
        expect(
            page.locator("main, .messages").get_by_text(task.then.format(**words)).first, task.says
        ).to_be_visible()
    states = set(Booking.objects.values_list("state", flat=True))
    assert states == {state.value for state in BookingState}
    assert EarlyAccess.objects.count() == 1


def test_the_desk_finds_and_opens_a_call_by_keyboard_alone(window: Open) -> None:
    clinic = Clinic()
    call = clinic.caller()
    page = window(user=clinic.desk, width=1280).new_page()
    page.goto(DAY)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "desk-q":
            break
    page.keyboard.type(call.name)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Found for")).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if call.name in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=call.name)).to_be_visible()


def test_a_clinician_between_rooms_sees_whom_to_call_on_a_phone(window: Open) -> None:
    clinic = Clinic()
    call = clinic.caller(phone="+16125550177")
    now = timezone.now() - timedelta(minutes=1)
    Booking.objects.filter(pk=call.pk).update(
        starts_at=now, ends_at=now + timedelta(minutes=10), busy=(now, now + timedelta(minutes=10))
    )
    page = window(user=clinic.ada.staff, width=390).new_page()
    page.goto(DAY)
    number = page.get_by_role("link", name="+1 612 555 0177").first
    expect(page.get_by_text("Now: call").first).to_be_visible()
    assert str(number.get_attribute("href")).startswith("tel:+1-612-555-0177")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    do(page, "button", f"It took place: {call.name}")
    expect(page.get_by_text("took place").first).to_be_visible()
    assert Booking.objects.get(pk=call.pk).state == BookingState.HELD
