"""From an address to a bib: sign up by emailed code, hold, answer, confirm."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import User
from challenge.care.actions import close_flag
from challenge.care.complaint_models import ComplaintChange, RunnerComplaint
from challenge.care.models import Flag, PhaseChange
from challenge.enrollment.cohort_actions import close_cohort
from challenge.enrollment.models import Cohort, Enrollment, Seat, SeatState
from challenge.enrollment.queries import public_cohort_state
from challenge.intake.actions import save_draft
from challenge.intake.models import Complaint, Consent, Draft, Intake
from challenge.intake.queries import intake_inputs_of
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.protocol.sentences.stop import BY_SYMPTOM, EMERGENCY
from challenge.protocol.vocabulary import CadenceSource, Side, Site, Symptom
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.intake.pages import OPEN_AT, PAGES, answer
from tests.repository.instructions import instructions_to_run, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday_morning() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_visitor_signs_up_holds_a_seat_answers_and_is_in(client: Client, cohort: Cohort) -> None:
    assert "3 of 3 seats left" in client.get("/join/").content.decode()
    client.post("/accounts/signup/?next=/join/", {"email": "Robin@Runners.test", "next": "/join/"})
    message = OutboxMessage.objects.get(kind=MessageKind.SECURITY)
    code = re.search(
        r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b|\b[A-Z0-9]{3}-?[A-Z0-9]{3}\b|\b[A-Z0-9]{4,8}\b", message.text
    )
    assert code is not None, message.text
    response = client.post("/accounts/confirm-email/", {"code": code.group()})
    assert response["Location"] == "/join/"

    assert client.post("/join/")["Location"] == "/join/intake/"
    page = client.get("/join/intake/").content.decode()
    assert "Bib 1 is held for you" in page
    assert answer(client)["Location"] == "/join/done/"

    enrollment = Enrollment.objects.get()
    assert enrollment.seat.state == SeatState.CONFIRMED
    assert enrollment.seat.email == "robin@runners.test"
    user = User.objects.get()
    assert user.name == "Robin Marsh"
    assert user.groups.filter(name="runner").exists()
    assert PhaseChange.objects.get().to_phase == 1
    assert Consent.objects.get().version == "2026-2"
    welcome = OutboxMessage.objects.get(kind=MessageKind.WELCOME)
    assert welcome.to_email == "robin@runners.test"
    assert "BEGIN:VCALENDAR" in welcome.attachments[0]["content"]
    done = client.get("/join/done/").content.decode()
    assert "Monday, January 12" in done
    assert client.get("/join/done/start.ics")["Content-Type"].startswith("text/calendar")


def test_the_trap_for_programs_makes_no_account_and_says_nothing(client: Client, cohort: Cohort) -> None:
    assert 'name="website"' in client.get("/accounts/signup/").content.decode()
    kind = client.post("/accounts/signup/", {"email": "kim@runners.test"})
    bot = client.post("/accounts/signup/", {"email": "bot@runners.test", "website": "https://spam.test"})
    assert kind.status_code == bot.status_code == 302
    assert list(User.objects.values_list("email", flat=True)) == ["kim@runners.test"]
    assert not OutboxMessage.objects.filter(to_email="bot@runners.test").exists()


def test_the_answers_reach_the_engine_in_its_own_units(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client)
    runner = Enrollment.objects.get()
    given = intake_inputs_of([runner])[runner.pk]
    assert (given.baseline_spm, given.baseline_source) == (160, CadenceSource.WATCH)
    assert given.longest_run_m == 16093
    assert given.usual_week_m == 32992
    assert {c.site for c in given.complaints if c.present} == {Site.ACHILLES}
    assert {c.site for c in given.complaints if not c.present} == {Site.KNEE}
    assert (given.pain_now, given.pain_morning) == (4, 5)
    assert given.complaints[0].side == Side.LEFT


def test_the_answers_open_the_record_of_complaints(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client, body={"kind_1": "insertional"})
    opened = RunnerComplaint.objects.order_by("pk")
    assert [(row.site, row.side, row.kind, row.status) for row in opened] == [
        ("achilles", "left", "insertional", "present"),
        ("knee", "", "", "past"),
    ]
    assert {row.opened_on for row in opened} == {NOW.date()}
    assert {change.source for change in ComplaintChange.objects.all()} == {"intake"}


def test_where_in_the_achilles_is_kept_for_the_achilles_alone(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client, body={"site_1": "foot", "kind_1": "insertional"})
    assert RunnerComplaint.objects.get(site="foot").kind == ""


def test_what_weakens_a_tendon_is_a_question_the_same_day(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client, body={"tendon_history": ["injection", "fluoroquinolones"]})
    flag = Flag.objects.get()
    assert flag.kind == "ask"
    assert flag.text == "Before the start, for the Achilles tendon: injection, fluoroquinolones."
    assert Intake.objects.get().tendon_history == ["injection", "fluoroquinolones"]


def test_what_weakens_a_tendon_is_asked_of_everyone(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client, body={"site_1": "foot", "tendon_history": ["rupture", "steroids"]})
    assert Flag.objects.get().text == "Before the start, for the Achilles tendon: rupture, steroids."


def test_answering_twice_is_once(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client)
    again = answer(runner_client, running={"cadence_spm": "170"})
    assert again["Location"] == "/join/done/"
    assert Intake.objects.get().baseline_cadence_spm == 160
    assert Complaint.objects.count() == 2
    assert OutboxMessage.objects.filter(kind=MessageKind.WELCOME).count() == 1
    assert Seat.objects.count() == 1


def test_a_second_press_that_the_first_overtakes_leads_to_the_same_seat(
    runner_client: Client, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first press ends, and takes the draft with it, after the second has begun and before it keeps its answers."""
    runner_client.post("/join/")
    for step in ("you", "running", "body"):
        runner_client.post(f"/join/intake/{step}/", PAGES[step])
    waiting = [lambda: runner_client.post("/join/intake/agree/", PAGES["agree"])]

    def after_the_first(**draft: Any) -> None:
        if waiting:
            assert waiting.pop()()["Location"] == "/join/done/"
        save_draft(**draft)

    monkeypatch.setattr("challenge.intake.views.save_draft", after_the_first)
    second = runner_client.post("/join/intake/agree/", PAGES["agree"])
    assert second["Location"] == "/join/done/"
    assert not Draft.objects.exists()
    assert Intake.objects.count() == Seat.objects.count() == 1


def test_a_stop_answer_keeps_the_seat_and_raises_the_flag(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client, body={"symptoms": ["pop", "night_pain"]})
    kinds = {flag.kind: flag.facts for flag in Flag.objects.all()}
    assert kinds == {"stop": {"symptoms": ["pop"]}, "ask": {"symptoms": ["night_pain"]}}
    assert Seat.objects.get().state == SeatState.CONFIRMED
    assert "Please don’t run for now" in runner_client.get("/join/done/").content.decode()


def test_a_stop_with_none_of_these_beside_it_is_asked_again_under_the_stop(
    runner_client: Client, cohort: Cohort
) -> None:
    runner_client.post("/join/")
    page = runner_client.post("/join/intake/body/", PAGES["body"] | {"symptoms": ["pop", "none"]})
    assert page.status_code == 422
    assert "Please don’t run for now" in page.content.decode()


def test_a_draft_without_an_answer_to_the_safety_questions_holds_no_seat(
    runner_client: Client, cohort: Cohort
) -> None:
    """Such a draft may be older than the questions, or its third page was passed over."""
    runner_client.post("/join/")
    page = answer(runner_client, body={"symptoms": [], "tendon_history": []})
    assert page.status_code == 422
    assert "Where it hurts" in page.content.decode()
    assert not Intake.objects.exists()


def test_none_of_these_is_an_answer_and_no_symptom(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client)
    intake = Intake.objects.get()
    assert (intake.symptoms, intake.tendon_history) == ([], [])
    assert not Flag.objects.exists()


def test_cadence_later_never_costs_the_seat(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client, running={"cadence_how": "later", "cadence_spm": ""})
    assert Intake.objects.get().baseline_cadence_spm is None
    assert Intake.objects.get().baseline_cadence_source == ""


def test_a_count_of_one_foot_over_thirty_seconds_is_four_times_it(
    runner_client: Client, cohort: Cohort
) -> None:
    runner_client.post("/join/")
    answer(runner_client, running={"cadence_how": "counted", "counted_30s": "41", "cadence_spm": ""})
    assert Intake.objects.get().baseline_cadence_spm == 164


def test_half_a_cadence_is_asked_about_and_may_be_insisted_on(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    page = answer(runner_client, running={"cadence_spm": "82"})
    assert "82? Did you mean 164?" in page.content.decode()
    answer(runner_client, running={"cadence_spm": "82", "cadence_is_right": "on"})
    assert Intake.objects.get().baseline_cadence_spm == 82


def test_who_loses_the_race_keeps_every_answer(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    runner_client.post("/join/intake/you/", {"name": "Robin", "phone": "12"})
    with time_machine.travel("2026-01-07T16:00:00Z", tick=False):
        fill(cohort)
        last = answer(runner_client)
        assert last.status_code == 409
        assert "You just missed it" in last.content.decode()
        assert Draft.objects.get().answers["body"]["site_1"] == ["achilles"]
        assert Draft.objects.get().answers["you"]["phone"] == ["+1 612 555 0100"]


def fill(cohort: Cohort) -> None:
    for _ in range(cohort.capacity):
        enroll(cohort=cohort, at=NOW.replace(hour=16))


def test_a_runner_of_a_closed_cohort_is_not_offered_the_next_one(
    runner_client: Client, cohort: Cohort
) -> None:
    runner_client.post("/join/")
    answer(runner_client)
    for _ in range(cohort.capacity - 1):
        enroll(cohort=cohort, at=NOW)
    make_cohort(opens_at=cohort.opens_at, starts_on="2026-03-02")
    assert "Bib 1 is yours" in runner_client.get("/join/").content.decode()
    runner_client.post("/join/")
    assert runner_client.get("/join/intake/you/")["Location"] == "/join/done/"
    assert Seat.objects.filter(user__email=Seat.objects.get(number=1).email).count() == 1
    with time_machine.travel("2026-04-06T16:00:00Z", tick=False):
        assert "Bib" not in runner_client.get("/join/").content.decode()


@pytest.mark.parametrize("opens", ["2026-01-07T14:00Z", "2026-02-02T14:00Z"])
def test_who_loses_the_race_is_not_put_into_the_next_cohort(
    runner_client: Client, cohort: Cohort, opens: str
) -> None:
    runner_client.post("/join/")
    make_cohort(opens_at=opens, starts_on="2026-03-02")
    with time_machine.travel("2026-01-07T16:00:00Z", tick=False):
        fill(cohort)
        last = answer(runner_client)
        told = runner_client.get(last["Location"]) if last.status_code == 302 else last
        assert "went to someone else" in told.content.decode()
        assert set(Draft.objects.get().answers) == {"you", "running", "body", "agree"}
        assert Seat.objects.filter(cohort=cohort, state="confirmed").count() == cohort.capacity
        assert not Seat.objects.exclude(cohort=cohort).exists()


def test_a_block_that_began_today_is_judged_in_the_zone_just_typed(
    runner_client: Client, cohort: Cohort
) -> None:
    runner_client.post("/join/")
    with time_machine.travel("2026-01-08T02:00:00Z", tick=False):
        ahead = {
            "you": {"time_zone": "Pacific/Honolulu"},
            "running": {"training_block_started_on": "2026-01-08"},
        }
        assert answer(runner_client, **ahead).status_code == 422
        assert (
            answer(runner_client, you={"time_zone": "Asia/Tokyo"}, running=ahead["running"]).status_code
            == 302
        )
    assert Intake.objects.get().answered_on.isoformat() == "2026-01-08"


@pytest.mark.parametrize("count", ["14", "63"])
def test_a_count_that_is_no_cadence_is_refused_beside_its_field(
    runner_client: Client, cohort: Cohort, count: str
) -> None:
    runner_client.post("/join/")
    said = {"cadence_how": "counted", "counted_30s": count, "cadence_is_right": "on"}
    assert answer(runner_client, running=said).status_code == 422
    assert answer(runner_client, running=said | {"counted_30s": "62"}).status_code == 302


def test_a_cohort_that_was_never_closed_does_not_hide_the_next_one(
    runner_client: Client, client: Client, cohort: Cohort
) -> None:
    make_cohort(name="The spring one", opens_at="2026-02-02T14:00Z", starts_on="2026-03-02")
    for at, name in (("2026-01-18T12:00Z", cohort.name), ("2026-01-19T12:00Z", "The spring one")):
        with time_machine.travel(at, tick=False):
            state = public_cohort_state(at=timezone.now())
            assert state is not None
            assert state.name == name
            assert f"{name}: 12 weeks, starting" in client.get("/join/").content.decode()
            assert f"{name}: 12 weeks, starting" in runner_client.get("/join/").content.decode()


def test_a_cohort_closed_with_seats_left_is_not_called_full(client: Client, cohort: Cohort) -> None:
    close_cohort(cohort=cohort, by=None, at=NOW)
    page = client.get("/join/").content.decode()
    assert "<h1>Enrollment has closed</h1>" in page
    assert "All seats are taken" not in page


@pytest.mark.parametrize("symptom", BY_SYMPTOM)
def test_a_stop_is_on_the_very_next_page_after_the_tick_and_on_every_one_after_it(
    runner_client: Client, cohort: Cohort, symptom: Symptom
) -> None:
    runner_client.post("/join/")
    body = PAGES["body"] | {"symptoms": [symptom.value]}
    for step in ("you", "running"):
        runner_client.post(f"/join/intake/{step}/", PAGES[step])
    first = runner_client.post("/join/intake/body/", body, follow=True)
    refused = runner_client.post("/join/intake/body/", body | {"site_1": "nowhere known"})
    assert (first.redirect_chain[-1][0], refused.status_code) == ("/join/intake/agree/", 422)
    later = [runner_client.get(path) for path in ("/join/", "/metronome/", "/guide/cadence/")]
    runner_client.post("/join/intake/body/", body)
    done = runner_client.post("/join/intake/agree/", PAGES["agree"], follow=True)
    assert done.redirect_chain[-1][0] == "/join/done/"
    for page in (first, refused, *later, done, runner_client.get("/today/")):
        words = words_of(page.content.decode())
        assert "Please don’t run for now" in words
        assert BY_SYMPTOM[symptom] in words
        assert EMERGENCY in words
        if page not in (first, refused, later[0]):
            assert instructions_to_run(words) == {}


def test_a_closed_stop_is_no_longer_on_the_done_page(
    runner_client: Client, cohort: Cohort, clinician: User
) -> None:
    runner_client.post("/join/")
    answer(runner_client, body={"symptoms": ["calf_swelling"]})
    close_flag(flag=Flag.objects.get(kind="stop"), note="Seen.", by=clinician, at=OPEN_AT)
    page = runner_client.get("/join/done/").content.decode()
    assert "Please don’t run" not in page
    assert "Log a run or two" in page
