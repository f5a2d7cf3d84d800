"""What staff type and send after they were signed out comes back in its form, for them alone, once."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from challenge.accounts.kept_forms import IN_SESSION
from challenge.accounts.models import User
from challenge.accounts.refill import refill
from challenge.enrollment.models import Cohort, CohortClinician
from challenge.pages.models import TeamMember
from challenge.review.models import Note
from tests.accounts.conftest import Door
from tests.accounts.test_idle_sessions import leave_alone
from tests.authenticator import code_now
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
TEXT = 'Calm & "quiet" for two weeks.\n<b>No</b> pain.'
SHOWN = "Calm &amp; &quot;quiet&quot; for two weeks.\n&lt;b&gt;No&lt;/b&gt; pain."


def signed_in(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    use_second_factor(client, user)
    assert client.get("/admin/").status_code == 200
    return client


@pytest.fixture
def care() -> SimpleNamespace:
    """A clinician at a runner's page."""
    runner = enroll(cohort=make_cohort(slug="the-cohort"))
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=runner.cohort, user=clinician)
    page = f"/admin/review/the-cohort/runners/{runner.pk}/"
    return SimpleNamespace(runner=runner, user=clinician, page=page, note=f"{page}note/")


def too_late(client: Client, path: str, data: dict[str, Any], **headers: Any) -> str:
    """Send a form sixteen minutes later; return the address that leads to what was typed."""
    leave_alone(client, timedelta(minutes=16))
    answer = client.post(path, data, headers=headers)
    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session
    told, _, there = answer["Location"].partition("?next=")
    assert told == "/accounts/login/"
    page = client.get(answer["Location"]).content.decode()
    assert "wasn’t used for a while" in page
    assert "comes back" in page
    return there.replace("%2F", "/")


def again(client: Client, user: User, there: str) -> Any:
    """Sign in and go where the sign-in leads."""
    client.force_login(user)
    use_second_factor(client, user)
    return client.get(there, follow=True)


def test_a_note_comes_back_in_its_form_and_is_sent_by_its_writer_alone(care: SimpleNamespace) -> None:
    client = signed_in(care.user)
    referer = f"http://testserver{care.page}?"
    there = too_late(client, care.note, {"note-text": TEXT}, referer=referer)
    assert Note.objects.count() == 0
    answer = again(client, care.user, there)
    assert answer.redirect_chain == [(f"{care.page}#kept", 302)]
    page = answer.content.decode()
    assert SHOWN in page
    assert 'id="kept"' in page
    assert "Not sent yet" in page
    assert '<details class="decision" id="note" open>' in page
    assert Note.objects.count() == 0
    assert SHOWN not in client.get(care.page).content.decode()
    assert client.post(care.note, {"note-text": TEXT}).status_code == 302
    assert Note.objects.get().text == TEXT


@pytest.mark.django_db(transaction=True)
def test_the_sign_in_pages_lead_there(care: SimpleNamespace) -> None:
    """With the code from the email, then the one of the app."""
    door = Door(Client())
    door.sign_in(care.user)
    secret = door.set_up_app()
    assert door.client.get("/admin/").status_code == 200
    there = too_late(door.client, care.note, {"note-text": TEXT})
    assert door.sign_in(care.user, next=there)["Location"].startswith("/accounts/2fa/authenticate/")
    shown = door.client.post("/accounts/2fa/authenticate/", {"code": code_now(secret, steps=1)}, follow=True)
    assert SHOWN in shown.content.decode()


def test_a_form_sent_from_an_address_of_its_own_leads_to_the_page_above(care: SimpleNamespace) -> None:
    client = signed_in(care.user)
    there = too_late(client, care.note, {"note-text": TEXT})
    assert SHOWN in again(client, care.user, there).content.decode()


def test_no_other_person_gets_it_and_it_still_waits_for_its_writer(care: SimpleNamespace) -> None:
    client = signed_in(care.user)
    there = too_late(client, care.note, {"note-text": TEXT})
    for other in (make_clinician(), make_owner()):
        answer = again(Client(), other, there)
        assert "Calm" not in answer.content.decode()
        assert "no longer here" in answer.content.decode()
    assert again(Client(), make_runner_user(), there).status_code == 403
    assert Client().get(there)["Location"].startswith("/accounts/login/")
    assert SHOWN in again(client, care.user, there).content.decode()


def test_another_person_in_the_same_browser_does_not_get_it(care: SimpleNamespace) -> None:
    client = signed_in(care.user)
    there = too_late(client, care.note, {"note-text": TEXT})
    other = make_clinician()
    CohortClinician.objects.create(cohort=care.runner.cohort, user=other)
    assert "Calm" not in again(client, other, there).content.decode()
    assert "Calm" not in client.get(care.page).content.decode()


def test_it_is_shown_once_and_gone_after_an_hour(care: SimpleNamespace) -> None:
    client = signed_in(care.user)
    there = too_late(client, care.note, {"note-text": TEXT})
    again(client, care.user, there)
    assert "no longer here" in client.get(there, follow=True).content.decode()
    there = too_late(client, care.note, {"note-text": TEXT})
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=True):
        assert "no longer here" in again(client, care.user, there).content.decode()


def test_what_is_kept_cannot_be_read_in_the_cache_or_in_the_session(
    care: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[Any] = []
    put = cache.set

    def note(key: str, value: Any, *more: Any) -> None:
        stored.append((key, value))
        put(key, value, *more)

    client = signed_in(care.user)
    monkeypatch.setattr(
        "challenge.accounts.kept_forms.cache", SimpleNamespace(set=note, get=cache.get, delete=cache.delete)
    )
    there = too_late(client, care.note, {"note-text": TEXT})
    sealed = [value for key, value in stored if key.startswith("kept-form:")]
    assert len(sealed) == 1
    assert b"Calm" not in sealed[0]
    token = there.rstrip("/").rsplit("/", 1)[1]
    assert not any(token in key for key, _ in stored)
    again(client, care.user, there)
    assert "Calm" not in str(dict(client.session))
    assert IN_SESSION not in client.session


def test_files_and_passwords_are_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    make_cohort(slug="the-cohort")
    desk = make_front_desk()
    client = signed_in(desk)
    paper = SimpleUploadedFile("addresses.csv", b"secret@runners.test", content_type="text/csv")
    data = {
        "do": "import",
        "addresses": paper,
        "new_password1": "hunter2-and-more",
        "reason": "From the fair",
    }
    there = too_late(client, "/admin/seats/the-cohort/invitations/", data)
    page = again(client, desk, there).content.decode()
    assert "hunter2" not in page
    assert "secret@runners.test" not in page


def test_a_form_of_the_admin_comes_back_bound_with_its_rows_and_saves_nothing() -> None:
    owner, clinician = make_owner(), make_clinician(name="Robin Reed")
    client = signed_in(owner)
    data = {
        "name": "Autumn runners", "slug": "autumn", "starts_on": "2027-01-04", "weeks": "eleven", "capacity": "20",
        "clinicians-TOTAL_FORMS": "1", "clinicians-INITIAL_FORMS": "0", "clinicians-MIN_NUM_FORMS": "0",
        "clinicians-MAX_NUM_FORMS": "1000", "clinicians-0-user": str(clinician.pk), "_save": "Save",
    }  # fmt: skip
    there = too_late(client, "/admin/challenge/cohort/add/", data)
    page = again(client, owner, there).content.decode()
    assert 'value="Autumn runners"' in page
    assert 'value="eleven"' in page
    assert f'<option value="{clinician.pk}" selected>Robin Reed' in page
    assert "nothing is saved yet" in page
    assert Cohort.objects.count() == 0


def test_a_right_form_of_the_admin_is_not_saved_either_until_its_button_is_pressed() -> None:
    owner = make_owner()
    client = signed_in(owner)
    path = "/admin/challenge/teammember/add/"
    data = {"name": "Kim Moor", "role": "coach", "sentence": "Runs along.", "position": "1", "_save": "Save"}
    page = again(client, owner, too_late(client, path, data))
    assert 'value="Kim Moor"' in page.content.decode()
    assert TeamMember.objects.count() == 0
    assert client.get(path).content.decode().count("Kim Moor") == 0


def test_the_form_of_a_row_of_a_table_is_the_one_that_is_filled() -> None:
    cohort = make_cohort(slug="the-cohort")
    first, second = enroll(cohort=cohort).seat, enroll(cohort=cohort).seat
    desk = make_front_desk()
    client = signed_in(desk)
    page = "/admin/seats/the-cohort/"
    data = {"do": "end", "why": "withdrawn", "reason": "They moved away"}
    there = too_late(client, f"{page}{second.pk}/", data, referer=f"http://testserver{page}")
    filled = again(client, desk, there).content.decode()
    assert filled.count("They moved away") == 1
    at = filled.index("They moved away")
    assert filled.rindex(f'action="{page}{second.pk}/"', 0, at) > filled.rfind(
        f'action="{page}{first.pk}/"', 0, at
    )
    assert 'value="end"' in filled[filled.index('id="kept"') : filled.index("</form>", at)]


def test_text_whose_form_is_gone_is_shown_to_be_copied(care: SimpleNamespace) -> None:
    client = signed_in(care.user)
    there = too_late(client, care.note, {"note-text": TEXT})
    CohortClinician.objects.all().delete()
    page = again(client, care.user, there).content.decode()
    assert "Copy what you still need" in page
    assert "two weeks." in page


def test_another_site_cannot_plant_text(care: SimpleNamespace) -> None:
    client = signed_in(care.user, enforce_csrf_checks=True)
    leave_alone(client, timedelta(minutes=16))
    answer = client.post(care.note, {"note-text": TEXT})
    assert answer.status_code == 403
    assert "/accounts/kept/" not in answer.content.decode()
    assert "_auth_user_id" not in client.session


def token_on(client: Client, page: str) -> str:
    return str(client.get(page).context["csrf_token"])


def test_a_token_from_before_the_last_sign_in_keeps_the_text(care: SimpleNamespace) -> None:
    """A second window signed in again meanwhile: the token of the first is out of date."""
    client = signed_in(care.user, enforce_csrf_checks=True)
    token = token_on(client, care.page)
    leave_alone(client, timedelta(minutes=3))
    client.get(care.page)
    del client.cookies[settings.CSRF_COOKIE_NAME]  # as signing in does, which replaces it
    again(client, care.user, care.page)
    answer = client.post(care.note, {"note-text": TEXT, "csrfmiddlewaretoken": token})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "keep what you typed for one hour" in page
    there = page.split('href="/accounts/kept/')[1].split('"')[0]
    assert SHOWN in client.get(f"/accounts/kept/{there}", follow=True).content.decode()
    assert Note.objects.count() == 0


def test_a_token_of_another_person_keeps_nothing(care: SimpleNamespace) -> None:
    client = signed_in(care.user, enforce_csrf_checks=True)
    token = token_on(client, care.page)
    leave_alone(client, timedelta(minutes=3))
    client.get(care.page)
    del client.cookies[settings.CSRF_COOKIE_NAME]
    again(client, make_clinician(), "/admin/")
    answer = client.post(care.note, {"note-text": TEXT, "csrfmiddlewaretoken": token})
    assert answer.status_code == 403
    assert "a form expires after a while" in answer.content.decode()
    assert "/accounts/kept/" not in answer.content.decode()


def test_a_second_window_signed_out_by_the_first_keeps_its_text(care: SimpleNamespace) -> None:
    client = signed_in(care.user, enforce_csrf_checks=True)
    token = token_on(client, care.page)
    leave_alone(client, timedelta(minutes=3))
    client.get(care.page)
    leave_alone(client, timedelta(minutes=16))
    assert client.get("/admin/").status_code == 302
    answer = client.post(care.note, {"note-text": TEXT, "csrfmiddlewaretoken": token})
    there = answer["Location"].partition("?next=")[2].replace("%2F", "/")
    assert there.startswith("/accounts/kept/")
    assert SHOWN in again(client, care.user, there).content.decode()


def test_who_signed_out_in_another_window_is_not_told_that_time_ran_out(care: SimpleNamespace) -> None:
    client = signed_in(care.user, enforce_csrf_checks=True)
    token = token_on(client, care.page)
    leave_alone(client, timedelta(minutes=3))
    client.get(care.page)
    assert client.post("/accounts/logout/", {"csrfmiddlewaretoken": token}).status_code == 302
    answer = client.post(care.note, {"note-text": TEXT, "csrfmiddlewaretoken": token}, follow=True)
    page = answer.content.decode()
    assert "You were signed out. We’ll keep what you typed for one hour: sign in, and it comes back." in page
    assert "wasn’t used" not in page


def test_runners_forms_and_sign_in_pages_are_not_kept(care: SimpleNamespace) -> None:
    client = signed_in(care.user)
    leave_alone(client, timedelta(minutes=16))
    assert client.post("/accounts/password/change/", {"oldpassword": "x"})["Location"] == "/accounts/login/?"


def test_staying_counts_as_use_at_once(care: SimpleNamespace) -> None:
    client = signed_in(care.user)
    leave_alone(client, timedelta(minutes=14))
    assert client.post("/accounts/stay/").json()["seconds"] == pytest.approx(900, abs=5)
    leave_alone(client, timedelta(minutes=14))
    assert client.get("/admin/").status_code == 200
    leave_alone(client, timedelta(minutes=16))
    assert client.post("/accounts/stay/").status_code == 302


def test_every_kind_of_field_is_filled_and_nothing_else_is_touched() -> None:
    html = (
        '<p>A &rsaquo; B</p><form method="post" action="other/"><input name="a" value="x"></form>'
        '<details><form method="POST"><input type="hidden" name="seen" value="9"><input name="a" value="old">'
        '<input type=checkbox name=b value="1" checked><input type="checkbox" name="b" value="2">'
        '<input type="radio" name="c" value="y"/><input type="radio" name="c" value="n" checked>'
        '<select name="d"><option value="1" selected>one</option><option value="2">two</option></select>'
        '<textarea name="e">\nold</textarea><input type="password" name="f"><input type="file" name="g">'
        '<button name="do" value="hold">Hold</button></form></details>'
    )
    values = {"seen": ["1"], "a": ['"new"'], "b": ["2"], "c": ["y"], "d": ["2"], "e": ["\nlong"], "f": ["p"]}
    values |= {"do": ["hold"], "gone": ["words"]}
    filled = refill(html, address="/admin/x/?week=1", action="/admin/x/", values=values)
    assert filled is not None
    for part in (
        '<p>A &rsaquo; B</p><form method="post" action="other/"><input name="a" value="x"></form><details open>',
        '<input type="hidden" name="seen" value="9"><input name="a" value="&quot;new&quot;">',
        '<input type="checkbox" name="b" value="1"><input type="checkbox" name="b" value="2" checked>',
        '<input type="radio" name="c" value="y" checked><input type="radio" name="c" value="n">',
        '<option value="1">one</option><option value="2" selected>two</option>',
        '<textarea name="e">\n\nlong</textarea><input type="password" name="f"><input type="file" name="g">',
        "<dt>gone</dt><dd>words</dd>",
    ):
        assert part in filled, part
    assert refill(html, address="/admin/x/", action="/admin/y/", values=values) is None
