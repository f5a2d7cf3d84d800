"""A runner's plan as a calendar to subscribe to: sessions, Mondays and calls, without a word about health.

While the runner is stopped or paused there is no session in it. The same state gives the same bytes, so that a
calendar program that asks again can be answered with "not modified".
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from challenge.calls.calendar_files import call_with_clinic
from challenge.calls.models import Booking
from challenge.calls.queries import calls_shown_to
from challenge.care.stop import open_stop
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Enrollment
from challenge.notifications.models import PlanFeed
from challenge.notifications.session_days import session_days
from challenge.protocol.local_week import DAY, WEEK, local_day, monday_of, week_decided_at
from challenge.workouts.current_week import CurrentWeek, current_week
from challenge.workouts.day_notices import day_notices
from challenge.workouts.models import EntryKind
from challenge.workouts.tags import session_length

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
