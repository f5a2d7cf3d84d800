"""The day at the desk: the calls, the free times, what waits, and the search box."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from challenge.accounts.models import User
from challenge.accounts.queries import accesses_to
from challenge.calls.actions import cancel, move
from challenge.calls.after_call import write_notes
from challenge.calls.emails import feed_link
from challenge.calls.models import Booking, BookingState, CallEvent, CallEventKind
from challenge.calls.schedule_models import Availability, Leave
from challenge.enrollment.models import EarlyAccess
from challenge.mail.actions import mark_refused
from tests.bench.scale_plans import read_whole
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    use_second_factor,
)

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # tomorrow, Thursday, 10:00 in Chicago
TODAY_TEN = TEN - timedelta(days=1)
DAY = "/admin/calls/"
SPRING = date(2026, 3, 2)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def waits(page: object) -> dict[str, list[int]]:
    return {one.key: [call.pk for call in one.calls] for one in page.context["waiting"]}  # type: ignore[attr-defined]


@pytest.fixture
def desk(db: None) -> Client:
    return signed_in(make_front_desk())


@time_machine.travel(NOW, tick=False)
def test_the_day_takes_the_same_queries_however_many_calls_staff_and_lists() -> None:
    desk = signed_in(make_front_desk())
    desk.get(DAY)
    counts = set()
    for n in range(4):
        availability = make_availability()
        make_cohort(
            slug=f"cohort-{n}", early_access_at=NOW, opens_at=NOW + timedelta(days=2), starts_on=SPRING
        )
        for k in range(n + 1):
            make_call(availability=availability, starts_at=TEN + timedelta(minutes=30 * k), at=NOW)
        with CaptureQueriesContext(connection) as found:
            page = desk.get(DAY)
        own = {q["sql"] for q in found if not re.search("usersession|mfa_|SAVEPOINT", q["sql"])}
        counts.add(len(own))
    assert page.text.count("Robin Vale") >= 10
    assert len(counts) == 1, own
    assert max(counts) <= 18, own


@time_machine.travel(NOW, tick=False)
def test_a_free_time_is_pressed_into_the_booking_form(desk: Client) -> None:
    availability = make_availability(staff=make_clinician(name="Ada Moor"))
    make_call(availability=availability, starts_at=TODAY_TEN, at=NOW)
    page = desk.get(DAY)
    href = re.search(
        r'href="(/admin/calls/book/\?[^"]+)" aria-label="Book 10:30 AM, today, with Ada Moor"', page.text
    )
    assert href is not None
    form = desk.get(href[1].replace("&amp;", "&"))
    assert form.status_code == 200
    assert "A call with Ada Moor" in form.text
    assert parse_qs(urlsplit(href[1].replace("&amp;", "&")).query)["whom"] == [str(availability.staff_id)]
    assert "Book 10:00 AM, today" not in page.text


def test_what_has_to_be_done_waits_until_it_is_ticked(desk: Client) -> None:
    availability = make_availability()
    with time_machine.travel(NOW, tick=False):
        over = make_call(availability=availability, starts_at=TODAY_TEN, at=NOW)
        silent = make_call(availability=availability, starts_at=TEN, at=NOW, email="", phone="+16125550177")
        assert waits(desk.get(DAY)) == {}
    with time_machine.travel(TODAY_TEN + timedelta(hours=1), tick=False):
        at = TODAY_TEN + timedelta(hours=1)
        desk = signed_in(make_front_desk())
        write_notes(booking=over, notes=None, follow_up_on=at.date(), by=availability.staff, at=at)
        move(
            booking=silent, starts_at=TEN + timedelta(minutes=30), staff_id=None, by=availability.staff, at=at
        )
        page = desk.get(DAY)
        assert waits(page) == {"outcome": [over.pk], "phone": [silent.pk], "follow-up": [over.pk]}
        assert "+1 612 555 0177" in page.text
        for name, pk in (("phoned", silent.pk), ("followed_up", over.pk)):
            for _ in "12":
                done = desk.post(reverse(f"calls_admin:{name}", args=[pk]), {"back": "day"})
                assert done.headers["Location"] == DAY
        desk.post(reverse("calls_admin:outcome", args=[over.pk]), {"outcome": "no_show", "back": "day"})
        assert waits(desk.get(DAY)) == {}
    kinds = list(CallEvent.objects.filter(by__isnull=False).values_list("happened", flat=True))
    assert kinds.count(CallEventKind.PHONED) == kinds.count(CallEventKind.FOLLOWED) == 1
    assert Booking.objects.get(pk=over.pk).state == BookingState.NO_SHOW


@time_machine.travel(NOW, tick=False)
def test_calls_of_someone_away_or_gone_wait(desk: Client) -> None:
    away, gone, closed, here = (make_availability() for _ in range(4))
    calls = [make_call(availability=row, starts_at=TEN, at=NOW) for row in (away, gone, closed, here)]
    Leave.objects.create(availability=away, starts_at=TEN, ends_at=TEN + timedelta(hours=1), entered_at=NOW)
    User.objects.filter(pk=gone.staff_id).update(is_active=False)
    Availability.objects.filter(pk=closed.pk).update(takes_calls=False)
    assert set(waits(desk.get(DAY))["away"]) == {call.pk for call in calls[:3]}


@time_machine.travel(NOW, tick=False)
def test_a_confirmation_that_did_not_arrive_waits(desk: Client) -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    mark_refused(email=call.email, at=NOW)
    assert waits(desk.get(DAY)) == {"unconfirmed": [call.pk]}
    cancel(booking=call, by=make_owner(), at=NOW)
    assert waits(desk.get(DAY)) == {}


@time_machine.travel(NOW, tick=False)
def test_the_lists_say_who_was_promised_a_message(desk: Client) -> None:
    cohort = make_cohort(
        name="Spring", slug="spring", early_access_at=NOW, opens_at=NOW + timedelta(days=2), starts_on=SPRING
    )
    asked = {"asked_at": NOW}
    EarlyAccess.objects.create(
        which="early", cohort=cohort, email="a@callers.test", confirmed_at=NOW, **asked
    )
    EarlyAccess.objects.create(which="early", cohort=cohort, email="b@callers.test", **asked)
    EarlyAccess.objects.create(which="launch", email="c@callers.test", confirmed_at=NOW, **asked)
    page = desk.get(DAY).text
    assert "Spring</a>: 1 to be invited, 1 signed up but never confirmed their address" in page
    assert "The public launch</a>: 1 waiting for the launch email" in page


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    "words",
    ["robin vale", "Vale Rob", "vale", "robin@callers.test", "ROBIN@", "(612) 555-0177", "612.555.0177", "0177",
     "+1 612 555 0177", "555 0177"],
)  # fmt: skip
def test_the_search_finds_a_call_by_name_phone_or_email(desk: Client, words: str) -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW, phone="+16125550177")
    make_call(
        availability=availability, starts_at=TEN + timedelta(minutes=30), at=NOW, name="Ada Stone",
        email="ada@callers.test", phone="+16125550188",
    )  # fmt: skip
    finds = desk.get(DAY, {"q": words}).context["finds"]
    assert [found.pk for found in finds.calls] == [call.pk]


@time_machine.travel(NOW, tick=False)
def test_the_search_leads_to_seats_and_lists_and_records_the_look(desk: Client) -> None:
    runner = make_runner_user(name="Kim Vale", email="kim@runners.test", phone="+16125550107")
    enroll(cohort=make_cohort(slug="winter"), user=runner)
    EarlyAccess.objects.create(which="launch", email="kim@runners.test", asked_at=NOW)
    for words in ("kim", "612 555 0107", "kim@runners.test"):
        finds = desk.get(DAY, {"q": words}).context["finds"]
        assert [seat.user_id for seat in finds.seats] == [runner.pk]
    assert len(finds.entries) == 1
    assert [entry.what for entry in accesses_to(runner)] == ["search of calls"]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("words", ["", "   ", "!!", "' OR 1=1", "a:* & b", "_", "\\", "%", "²²²²", "(", "12"])
def test_odd_searches_find_nothing_and_never_fail(desk: Client, words: str) -> None:
    make_call(availability=make_availability(), starts_at=TEN, at=NOW, phone="+16125550177")
    page = desk.get(DAY, {"q": words})
    assert page.status_code == 200
    if words.strip():
        assert page.context["finds"].count == 0


@time_machine.travel(NOW, tick=False)
def test_clinicians_see_their_own_day_and_search_their_own_calls() -> None:
    mine, other = make_availability(), make_availability()
    make_call(availability=mine, starts_at=TEN, at=NOW, name="Ada Stone")
    make_call(availability=other, starts_at=TEN, at=NOW, name="Bo Lind")
    runner = make_runner_user(name="Bo Seat")
    enroll(cohort=make_cohort(slug="winter"), user=runner)
    clinician = signed_in(mine.staff)
    page = clinician.get(DAY).text
    assert "Ada Stone" in page
    assert "Bo Lind" not in page
    assert clinician.get(DAY, {"q": "bo"}).context["finds"].count == 0
    assert not accesses_to(runner).exists()


@time_machine.travel(NOW, tick=False)
def test_kept_links_to_the_week_lead_there(desk: Client) -> None:
    assert desk.get(DAY, {"week": "2026-01-05"}).headers["Location"] == "/admin/calls/week/?week=2026-01-05"


@time_machine.travel(NOW, tick=False)
def test_the_desks_feed_shows_every_clinicians_calls_and_ends(desk: Client, client: Client) -> None:
    for name in ("Ada Moor", "Mia Ray"):
        make_call(availability=make_availability(staff=make_clinician(name=name)), starts_at=TEN, at=NOW)
    desk.post("/admin/calls/feed/")
    owner = User.objects.get(desk_feed__isnull=False)
    link = feed_link(owner.desk_feed)
    assert link is not None
    file = client.get(link).text
    assert "Call with Robin V. (Ada Moor)" in file
    assert "Call with Robin V. (Mia Ray)" in file
    owner.groups.clear()
    assert client.get(link).status_code == 404, "who no longer manages calls reads no feed of all calls"
    desk = signed_in(owner)
    assert desk.post("/admin/calls/feed/").status_code == 403


@pytest.mark.parametrize("manages", [True, False])
def test_now_says_whom_to_call_until_the_call_ends(manages: bool) -> None:
    availability = make_availability()
    with time_machine.travel(NOW, tick=False):
        make_call(availability=availability, starts_at=TEN, at=NOW, phone="+16125550177")
        reader = make_front_desk() if manages else availability.staff
    for minutes, now in ((-1, False), (0, True), (19, True), (20, False)):
        with time_machine.travel(TEN + timedelta(minutes=minutes), tick=False):
            assert ("Now: call" in signed_in(reader).get(DAY).text) is now, minutes


FIFTY_THOUSAND = """
INSERT INTO challenge_booking
    (staff_id, starts_at, ends_at, busy, state, name, email, phone, site, heard, time_zone, uid, sequence, booked_at,
     changed_at, ended_at, canceled_by, notes)
SELECT %s, at, at + interval '20 minutes', tstzrange(at, at + interval '20 minutes'), 'held', 'Caller Past',
       'past' || n || '@callers.test', '+1612' || lpad(n::text, 7, '0'), '', '', 'America/Chicago', gen_random_uuid(),
       0, at, at, at, '', ''
FROM generate_series(1, 50000) AS n, LATERAL (SELECT %s - n * interval '30 minutes') AS moment (at)
"""


def test_fifty_thousand_past_calls_are_not_read_for_the_day_nor_for_a_search() -> None:
    availability = make_availability()
    with connection.cursor() as cursor:
        cursor.execute(FIFTY_THOUSAND, [availability.staff_id, NOW - timedelta(days=1)])
        cursor.execute("ANALYZE challenge_booking")
    with time_machine.travel(NOW, tick=False):
        make_call(availability=availability, starts_at=TEN, at=NOW, phone="+16125550177")
        desk = signed_in(make_front_desk())
        for query in ({}, {"q": "robin vale"}, {"q": "612 555 0177"}, {"q": "robin@callers.test"}):

            def ask(query: dict[str, str] = query) -> None:
                assert "Robin Vale" in desk.get(DAY, query).text

            assert read_whole("day", ask) == {}, query
