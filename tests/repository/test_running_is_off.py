"""No page or email tells a runner with an open stop flag to run: before, in and after the challenge.

The same walk as a runner without a stop finds every kind of instruction, so the patterns find what they look for.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from challenge.calls.emails import call_token, feed_token
from challenge.care.actions import raise_flag
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.mail.models import OutboxMessage
from challenge.notifications.notices import send_notices
from challenge.pages.exercise_pages import slugs as exercise_slugs
from challenge.pages.guide import BY_SLUG
from challenge.protocol.local_week import WEEK, monday_of
from challenge.protocol.sentences.stop import BY_SYMPTOM, EMERGENCY, stop_sentence
from challenge.protocol.vocabulary import FlagKind, Symptom
from challenge.weekly.actions import write_to_cohort
from challenge.weekly.decide import decide_due
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_morning, log_run, log_strength
from tests.factories.people import make_clinician
from tests.factories.weekly import make_target
from tests.repository import access_matrix as matrix
from tests.repository.instructions import INSTRUCTIONS, PATTERNS, instructions_to_run, words_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)  # a Wednesday, in Chicago
TODAY = NOON.date()
WEEKS = 4
WEEKS_SINCE_THE_START = {"before": -2, "in": 2, "after": 6}
EVERY_SYMPTOM = {"symptoms": [symptom.value for symptom in BY_SYMPTOM]}
# Files, and what machines read.
NOT_WALKED = {
    "calls:feed",
    "robots",
    "security_txt",
    "change_password_page",
    "sitemap",
    "service_worker",
    "me_export",
    "health_live",
    "health_ready",
    "metrics",
}
Found = dict[str, dict[str, str]]


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def a_runner(period: str, *, stopped: bool) -> Enrollment:
    """With three weeks of log and, in and after the challenge, every week's target; a long run and pain among it."""
    starts_on = monday_of(TODAY) - WEEKS_SINCE_THE_START[period] * WEEK
    cohort = make_cohort(
        starts_on=starts_on, weeks=WEEKS, opens_at=NOON - timedelta(weeks=20), is_public=False
    )
    runner = enroll(cohort=cohort)
    for days_ago in range(1, 22, 2):
        log_run(runner, TODAY - timedelta(days=days_ago), distance_m=5000 + (days_ago == 3) * 8000)
    log_strength(runner, TODAY - timedelta(days=2))
    log_morning(runner, TODAY - timedelta(days=1), pain=4, site="achilles", side="left")
    for number in range(WEEKS + 1):
        if starts_on + number * WEEK <= TODAY:
            make_target(runner, monday=starts_on + number * WEEK)
    if stopped:
        stop(runner, at=NOON)
    return runner


def stop(runner: Enrollment, *, at: datetime) -> Flag:
    return raise_flag(
        enrollment=runner,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:0",
        facts=EVERY_SYMPTOM,
        at=at,
    )


def addresses_of(runner: Enrollment, *, guide: bool) -> Iterator[str]:
    """Return every address that a runner may open, with arguments filled in; the pages of the guide if asked for."""
    clinician = make_clinician()
    call = make_call(
        availability=make_availability(staff=clinician, feed_key=uuid.uuid4()),
        starts_at=NOON + timedelta(hours=21),
        at=NOON,
    )
    world = SimpleNamespace(
        cohort=runner.cohort,
        enrollment=runner,
        call=call,
        call_token=call_token(call),
        feed_token=feed_token(call.staff.availability),
    )
    for name, row in sorted(matrix.ROWS.items()):
        if matrix.RUNNER in row.may and row.method == "get" and name not in NOT_WALKED:
            yield reverse(name, kwargs=row.arguments(world))
    slugs = {*BY_SLUG, *(exercise.value for exercise in exercise_slugs())}
    yield from (reverse("guide_page", args=[slug]) for slug in sorted(slugs) if guide)
    yield from (reverse("exercise_sheet", args=[phase]) for phase in (1, 2, 3))
    yield from (reverse("plan_week", args=[number]) for number in range(1, WEEKS + 1))
    yield from (reverse("intake_step", args=[step]) for step in ("you", "running", "body", "agree"))
    for entry in (log_strength(runner, TODAY), log_morning(runner, TODAY)):
        yield reverse("log_entry", args=[entry.kind, entry.pk])
        yield reverse("log_delete", args=[entry.kind, entry.pk])


def pages_read_by(runner: Enrollment, *, guide: bool) -> Found:
    """Return address -> instructions to run, for every page of this runner, and of the guide if asked for."""
    client = signed_in(runner)
    found: Found = {}
    for address in addresses_of(runner, guide=guide):
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        if response["Content-Type"].startswith("text/html"):
            found[address] = instructions_to_run(words_of(response.content.decode()))
    return found


def signed_in(runner: Enrollment) -> Client:
    user = runner.seat.user
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def spoken(found: Found) -> Found:
    return {where: words for where, words in found.items() if words}


@pytest.mark.parametrize(
    ("period", "guide"),
    [
        ("before", False),
        ("in", True),
        ("after", False),
        *(pytest.param(period, True, marks=pytest.mark.deep) for period in ("before", "after")),
    ],
)
def test_no_page_sends_a_stopped_runner_running(period: str, guide: bool) -> None:
    """The guide is the same in every period: in `make test` it is read in the challenge alone."""
    found = pages_read_by(a_runner(period, stopped=True), guide=guide)
    assert len(found) > (60 if guide else 40)
    assert spoken(found) == {}


@pytest.mark.parametrize("period", WEEKS_SINCE_THE_START)
def test_every_page_opens_with_the_stop_and_what_is_911(period: str) -> None:
    runner = a_runner(period, stopped=True)
    client = signed_in(runner)
    for name in ("join_done", "today", "plan", "log", "log_run", "log_strength", "log_import", "progress", "complaints",
                 "feedback", "messages", "metronome", "me", "guide", "home", "calls:book", "log_stop"):  # fmt: skip
        words = words_of(client.get(reverse(name)).content.decode())
        for sentence in ("Please don’t run for now", *BY_SYMPTOM.values(), EMERGENCY):
            assert words.count(sentence) >= 1, (name, sentence)
        assert words.count("Please don’t run for now") == 1, name


def test_one_notice_names_911_once() -> None:
    for symptom in BY_SYMPTOM:
        runner = enroll(cohort=make_cohort(starts_on=monday_of(TODAY)))
        raise_flag(
            enrollment=runner,
            kind=FlagKind.STOP,
            rule="pain.stop",
            source="run:0",
            facts={"symptoms": [symptom.value]},
            at=NOON,
        )
        html = signed_in(runner).get("/today/").content.decode()
        notice = re.search(r'<section class="note stop.*?</section>', html, re.DOTALL)
        assert notice
        assert words_of(notice[0]).count(EMERGENCY) == 1, symptom
        assert stop_sentence(symptom.value).count(EMERGENCY) == 1, symptom


def test_no_runner_with_a_seat_is_offered_another_on_the_first_page() -> None:
    cohort = make_cohort(starts_on=monday_of(TODAY) + 2 * WEEK, opens_at=NOON - WEEK)
    claim = INSTRUCTIONS["claim a seat"]
    runner, stopped = enroll(cohort=cohort, at=NOON), enroll(cohort=cohort, at=NOON)
    stop(stopped, at=NOON)
    for person in (runner, stopped):
        words = words_of(signed_in(person).get("/").content.decode())
        assert "You have a seat." in words
        assert not re.search(claim, words, re.IGNORECASE)
    assert re.search(claim, words_of(Client().get("/").content.decode()), re.IGNORECASE)


def forms(client: Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a runner may still send, each with what an answer could tell them."""
    run = {
        "distance_m": "5.2",
        "duration_s_m": "31",
        "local_on": f"{TODAY}",
        "effort": "easy",
        "surface": "road",
    }
    yield "log_run", run | {"pain": "5", "site": "achilles", "side": "left"}
    yield "log_run", run | {"pain": "1", "symptoms": ["night_pain"]}
    yield "log_strength", {"local_on": f"{TODAY}", "as_prescribed": "1", "pain": "7", "site": "calf"}
    yield "log_morning", {"local_on": f"{TODAY}", "pain": "5", "site": "achilles", "side": "left"}
    yield "log_daily_life", {"pain": "2"}
    yield "log_nothing", {}
    yield "log_pause", {"reason": "illness", "starts_on": f"{TODAY}"}
    yield "log_pause", {"back": "1"}


def answers_to(runner: Enrollment) -> Found:
    client = signed_in(runner)
    found: Found = {}
    for number, (name, fields) in enumerate(forms(client)):
        response = client.post(reverse(name), fields | {"key": str(uuid.uuid4())}, follow=True)
        found[f"{number} {name}"] = instructions_to_run(words_of(response.content.decode()))
    return found


@pytest.mark.parametrize("period", WEEKS_SINCE_THE_START)
def test_no_answer_to_a_form_sends_a_stopped_runner_running(period: str) -> None:
    assert spoken(answers_to(a_runner(period, stopped=True))) == {}


def letters_to(*, stopped_at: int | None) -> dict[str, Found]:
    """Return kind -> subject -> instructions to run, for all emails of a challenge from welcome to survey.

    `stopped_at` is the day, counted from the start, on which the runner's running goes off.
    """
    starts_on = monday_of(TODAY)
    cohort = make_cohort(starts_on=starts_on, weeks=WEEKS, opens_at=NOON - timedelta(weeks=6))
    runner = enroll(cohort=cohort, at=NOON - timedelta(weeks=5))
    day_one = datetime(starts_on.year, starts_on.month, starts_on.day, 16, tzinfo=UTC)
    raised: Flag | None = None
    for day in range(-10, WEEKS * 7 + 14):
        at = day_one + timedelta(days=day)
        if stopped_at is not None and day == stopped_at:
            raised = stop(runner, at=at)
        decide_due(now=lambda at=at: at)  # type: ignore[misc]
        send_notices(at=at)
        if day == 9:
            by = make_clinician()
            write_to_cohort(cohort=cohort, subject="Hello", text="Ice is out.", key="1", by=by, at=at)
    rows = OutboxMessage.objects.filter(to_email=runner.address)
    if raised is not None:
        rows = rows.filter(created_at__gte=raised.raised_at)
    found: dict[str, Found] = {}
    for row in rows:
        words = " ".join([row.subject, row.text, words_of(row.html)])
        found.setdefault(row.kind, {})[f"{row.pk} {row.subject}"] = instructions_to_run(words)
    return found


@pytest.mark.parametrize("day", [-10, 3, WEEKS * 7 - 1])
def test_no_email_sends_a_stopped_runner_running(day: int) -> None:
    found = letters_to(stopped_at=day)
    assert {"weekly", "survey"} <= found.keys()
    assert ("before_start" in found) is (day < 0)
    assert {kind: spoken(letters) for kind, letters in found.items() if spoken(letters)} == {}


def test_the_welcome_email_sends_no_one_running_before_their_page_does() -> None:
    runner = enroll(cohort=make_cohort(starts_on=monday_of(TODAY) + WEEK, opens_at=NOON - WEEK), at=NOON)
    welcome = OutboxMessage.objects.get(to_email=runner.address, kind="welcome")
    for words in (welcome.text, words_of(welcome.html)):
        assert instructions_to_run(words) == {}
        assert "Before your next run, open your page" in words


def test_a_stop_withdraws_each_email_with_an_instruction_to_run() -> None:
    starts_on = monday_of(TODAY) + WEEK
    runner = enroll(cohort=make_cohort(starts_on=starts_on, opens_at=NOON - 6 * WEEK), at=NOON - 5 * WEEK)
    send_notices(at=NOON)
    assert OutboxMessage.objects.get(kind="before_start").state == "queued"
    stop(runner, at=NOON)
    assert OutboxMessage.objects.get(kind="before_start").state == "withdrawn"
    send_notices(at=NOON + timedelta(hours=1))
    written = OutboxMessage.objects.get(kind="before_start", state="queued")
    assert "don’t run until you’ve read your page" in written.text
    assert instructions_to_run(written.text + words_of(written.html)) == {}
    assert not any(word in written.text.lower() for word in ("pain", "stop", "calf", "clinician"))


@pytest.mark.long
def test_the_same_walk_without_a_stop_finds_every_kind_of_instruction() -> None:
    """The rest of the walk is left out as soon as each kind was found."""

    def places() -> Iterator[Found]:
        yield from letters_to(stopped_at=None).values()
        for period in ("in", "before", "after"):
            yield pages_read_by(a_runner(period, stopped=False), guide=period == "in")
            yield answers_to(a_runner(period, stopped=False))

    missing, walk = {*PATTERNS}, places()
    while missing and (found := next(walk, None)) is not None:
        missing -= {name for words in found.values() for name in words}
    assert sorted(missing) == []
    assert timezone.now() == NOON


def test_a_pop_is_urgent_care_today_without_a_condition_wherever_it_is_named() -> None:
    pop = BY_SYMPTOM[Symptom.POP]
    assert "Go to urgent care today" in pop
    assert not re.search(r"\b(if|unless|when|cannot|toes?)\b", pop)
    client = signed_in(a_runner("in", stopped=True))
    for path in ("/log/stop/", "/join/done/", "/today/", "/guide/pain/", "/log/offline/"):
        words = words_of(client.get(path).content.decode())
        assert pop in words, path
        assert not re.search(r"rise onto|your toes", words), path


def test_short_breath_or_chest_pain_is_911_and_nothing_less_wherever_it_is_named() -> None:
    client = signed_in(a_runner("in", stopped=True))
    for path in (
        "/log/stop/",
        "/join/done/",
        "/guide/pain/",
        "/log/offline/",
        "/log/run/",
        "/join/intake/body/",
    ):
        words = words_of(client.get(path).content.decode())
        assert EMERGENCY in words, path
        for breath in re.finditer(r"(?i)(short(ness)? (of )?breath|chest pain)[^.]*\.", words):
            assert "911" in breath[0], (path, breath[0])
