"""A runner's plan as a calendar to subscribe to: its secret address, and sessions, Mondays and calls without health.

While the runner is stopped or paused there is no session in it. The strength sessions that are left have a day
between any two. The same state gives the same bytes, so that a calendar program that asks again can be answered with
"not modified". The address is made, shown again, turned off, and found by its key.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from icalendar import Calendar, Event

from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.accounts.queries import reported_since
from challenge.calls.calendar_files import call_with_clinic
from challenge.calls.models import Booking
from challenge.calls.queries import calls_shown_to
from challenge.care.stop import open_stop
from challenge.db.sealed import WrongDataKey, open_sealed, seal
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Enrollment, SeatState
from challenge.notifications.models import PlanFeed
from challenge.protocol.local_week import DAY, WEEK, local_day, monday_of, week_decided_at
from challenge.workouts.current_week import CurrentWeek, current_week
from challenge.workouts.day_notices import day_notices
from challenge.workouts.models import EntryKind
from challenge.workouts.tags import session_length

DAY_BETWEEN = timedelta(days=2)


def session_days(*, left: int, done: Collection[date], today: date) -> list[date]:
    """Return the days of the sessions that are left, from today on, as evenly spread as the week allows.

    `done` are the days of sessions in this week and just before it. Fewer days come back where the week is too short.
    """
    monday = monday_of(today)
    days = [today + timedelta(days=n) for n in range((monday + WEEK - today).days)]
    # Next week begins as this one did, so that a Monday does not follow a Sunday.
    others = {*done, *(day + WEEK for day in done if day >= monday)}
    for count in range(min(left, len(days)), 0, -1):
        spread = [chosen for chosen in combinations(days, count) if _shortest(chosen, others) >= DAY_BETWEEN]
        if spread:
            # `max` keeps the first of equals: the earliest days.
            widest = max(spread, key=lambda chosen: _shortest(chosen, others))
            return list(widest)
    return []


def _shortest(chosen: Collection[date], others: Collection[date]) -> timedelta:
    """Return the shortest time from a chosen day to any other session."""
    return min(_distances(chosen, others))


def _distances(chosen: Collection[date], others: Collection[date]) -> Iterator[timedelta]:
    yield from (later - earlier for earlier, later in combinations(sorted(chosen), 2))
    yield min(chosen) + WEEK - max(chosen)
    yield from (abs(one - other) for one in chosen for other in others)


SESSION, SESSION_DONE, MONDAY = "Strength session", "Strength session, done", "Your new week is ready"
MONDAY_LASTS = timedelta(minutes=15)
ASK_AGAIN_AFTER = timedelta(hours=1)


def plan_calendar(feed: PlanFeed, *, at: datetime) -> bytes:
    """Return the calendar of the runner's plan as it is at this moment."""
    runner = feed.enrollment
    user = runner.seat.user
    calendar = Calendar()
    calendar.add("prodid", "-//Pain-Free Runner Challenge//Plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Pain-Free Runner Challenge")
    calendar.add("refresh-interval", ASK_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    if user is not None:
        today = local_day(at, user.zone)
        parameters = parameters_of(runner.cohort, week_starts_on=monday_of(today))
        week = current_week(runner, today=today, stop=open_stop(runner), parameters=parameters)
        notices = day_notices(runner, week.recent, today=today, at=at, held=week.held, parameters=parameters)
        events = [
            *_mondays(runner, week, shows_number=feed.shows_number),
            *_sessions(runner, week, rest_on=notices.rest_on),
            *(_call(call) for call in calls_shown_to(user, at=at)),
        ]
        for event in events:
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _mondays(runner: Enrollment, week: CurrentWeek, *, shows_number: bool) -> Iterator[Event]:
    """Yield the quarter of an hour in which each week's target comes, on the runner's own clock."""
    user, starts_on = runner.seat.user, runner.cohort.starts_on
    if user is None:
        return
    for number in range(1, week.weeks + 1):
        moment = week_decided_at(starts_on + (number - 1) * WEEK, user.zone)
        is_present = number == week.number and week.target is not None
        event = _event(f"week-{runner.pk}-{number}", MONDAY, stamp=_stamp(runner, week, is_present))
        event.add("dtstart", moment.astimezone(UTC))
        event.add("dtend", (moment + MONDAY_LASTS).astimezone(UTC))
        lines = [f"Week {number} of {week.weeks}."]
        if is_present and shows_number and week.cadence_spm and not week.paused:
            lines.append(f"{week.cadence_spm} steps a minute.")
        event.add("description", " ".join(lines))
        event.add("url", settings.SITE_URL + reverse("today"))
        yield event


def _sessions(runner: Enrollment, week: CurrentWeek, *, rest_on: date | None) -> Iterator[Event]:
    """Yield this week's sessions, done and left. None at all before the start, on hold, on a break or after the end."""
    if not week.goes_on:
        return
    done = [day.local_on for day in week.recent if day.kind == EntryKind.STRENGTH]
    shown = [(on, SESSION_DONE) for on in sorted(day.local_on for day in week.sessions)]
    # A day off that the log asks for is kept free, as on /today/.
    first = rest_on + DAY if rest_on is not None else week.today
    if monday_of(first) == week.starts_on:
        shown += [(on, SESSION) for on in session_days(left=week.sessions_left, done=done, today=first)]
    length = session_length(week.exercises)
    for number, (on, title) in enumerate(shown, start=1):
        event = _event(f"session-{runner.pk}-{week.number}-{number}", title, stamp=_stamp(runner, week, True))
        event.add("dtstart", on)
        event.add("dtend", on + DAY)
        if title == SESSION and length:
            event.add("description", f"{length[0].upper()}{length[1:]}. Any time of the day is fine.")
        event.add("url", settings.SITE_URL + reverse("log_strength"))
        yield event


def _call(call: Booking) -> Event:
    event = _event(str(call.uid), call_with_clinic(), stamp=call.changed_at)
    event.add("sequence", call.sequence)
    event.add("dtstart", call.starts_at.astimezone(UTC))
    event.add("dtend", call.ends_at.astimezone(UTC))
    return event


def _stamp(runner: Enrollment, week: CurrentWeek, is_present: bool) -> datetime:
    """Return a moment that changes with the week's decision alone, so that the same plan is the same file."""
    return week.target.at if is_present and week.target is not None else runner.created_at


def _event(uid: str, title: str, *, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{settings.SITE_HOST}")
    event.add("summary", title)
    event.add("dtstamp", stamp.astimezone(UTC).replace(microsecond=0))
    event.add("transp", "TRANSPARENT")
    return event


KEY_BYTES = 24
LONGEST_KEY = 64
REPORTED = reported_since(account="enrollment__seat__user", made_at="created_at")


def make_feed(*, enrollment: Enrollment, shows_number: bool, by: User, at: datetime) -> None:
    """Give the plan a new address, and write to its runner `by`; an earlier one is off from now on."""
    key = secrets.token_urlsafe(KEY_BYTES)
    values = {
        "key_sha256": _hash(key),
        "sealed_key": seal(key),
        "shows_number": shows_number,
        "created_at": at,
    }
    with transaction.atomic():
        PlanFeed.objects.update_or_create(enrollment=enrollment, defaults=values)
        record_identity(what="calendar_made", account=by, by=by, at=at)


def show_number(*, enrollment: Enrollment, shows_number: bool) -> None:
    """Put the week's number into the calendar, or take it out; the address stays."""
    PlanFeed.objects.filter(enrollment=enrollment).update(shows_number=shows_number)


def turn_off_feed(*, enrollment: Enrollment) -> None:
    """Turn the address off."""
    PlanFeed.objects.filter(enrollment=enrollment).delete()


def feed_of(enrollment: Enrollment) -> PlanFeed | None:
    """Return the runner's feed, or None without one that they may trust."""
    return PlanFeed.objects.filter(~REPORTED, enrollment=enrollment).first()


def address_of_feed(feed: PlanFeed) -> str | None:
    """Return the whole address; None if no DATA_KEY opens it."""
    try:
        key = open_sealed(feed.sealed_key)
    except WrongDataKey:
        return None
    return f"{settings.SITE_URL}{reverse('plan_feed')}?key={key}"


def feed_with_key(key: str) -> PlanFeed | None:
    """Return the feed of a key while its runner holds the seat; None for any other key."""
    if not key or len(key) > LONGEST_KEY:
        return None
    return (
        PlanFeed.objects.filter(
            ~REPORTED,
            key_sha256=_hash(key),
            enrollment__seat__state=SeatState.CONFIRMED,
            enrollment__seat__user__is_active=True,
        )
        .select_related("enrollment__seat__cohort", "enrollment__seat__user")
        .first()
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
