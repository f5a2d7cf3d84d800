"""The page of reminders: devices turned on and off, kinds and times chosen, the home screen of an iPhone named once."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment
from challenge.mail.models import PushAddress
from challenge.mail.push_addresses import from_base64
from challenge.notifications.models import ReminderChoice
from tests.factories.cohorts import enroll
from tests.factories.people import make_clinician, make_runner_user, use_second_factor
from tests.mail.push_service import AUTH, PUSH_KEY, encode

pytestmark = pytest.mark.django_db
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
PAGE, DEVICE = "/me/reminders/", "/me/reminders/device/"
SUBSCRIPTION = {"endpoint": "https://fcm.googleapis.com/fcm/send/1", "p256dh": POINT, "auth": encode(AUTH)}
CHOICE = {
    "strength": "on", "strength_at": "18:30", "morning_at": "7:30 AM", "message": "on", "quiet_from": "21:30",
    "quiet_until": "06:45",
}  # fmt: skip
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
)


@pytest.fixture
def runner(settings: Any) -> Enrollment:
    settings.PUSH_KEY = PUSH_KEY
    cache.clear()
    return enroll(user=make_runner_user())


@pytest.fixture
def phone(runner: Enrollment, client: Client) -> Client:
    assert runner.seat.user is not None
    client.force_login(runner.seat.user)
    return client


def text(client: Client, **headers: str) -> str:
    return client.get(PAGE, headers=headers).content.decode()


def test_a_device_is_turned_on_named_in_words_and_turned_off(phone: Client) -> None:
    key = phone.get(PAGE).context["push_public_key"]
    assert len(from_base64(key)) == 65
    answer = phone.post(DEVICE, SUBSCRIPTION, headers={"User-Agent": IPHONE})
    assert answer.json() == {"saved": True}
    page = text(phone)
    assert "Safari on iPhone" in page
    assert "Nothing sent yet." in page
    assert SUBSCRIPTION["endpoint"] not in page
    phone.post(f"{DEVICE}{PushAddress.objects.get().pk}/remove/")
    assert not PushAddress.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"endpoint": "https://10.0.0.7/push"},
        {"endpoint": ""},
        {"endpoint": "x" * 5000},
        {"endpoint": "https://fcm.googleapis.com/fcm/send/a b"},
        {"endpoint": "https://fcm.googleapis.com@10.0.0.7/push"},
        {"endpoint": "https://fcm.googleapis.com:22/push"},
        {"p256dh": "?"},
        {"auth": "\x01"},
    ],
)
def test_what_is_no_push_service_is_refused_with_a_sentence(phone: Client, changed: dict[str, str]) -> None:
    answer = phone.post(DEVICE, SUBSCRIPTION | changed)
    assert answer.status_code == 422
    assert "You’ll keep getting email" in answer.json()["refused"]
    assert not PushAddress.objects.exists()


def test_too_many_tries_are_refused(phone: Client) -> None:
    statuses = [phone.post(DEVICE, SUBSCRIPTION).status_code for _ in range(31)]
    assert (statuses[0], statuses[-1]) == (200, 429)


def test_no_one_removes_the_device_of_another(phone: Client) -> None:
    phone.post(DEVICE, SUBSCRIPTION)
    other = Client()
    other.force_login(make_runner_user())
    other.post(f"{DEVICE}{PushAddress.objects.get().pk}/remove/")
    assert PushAddress.objects.exists()


def test_kinds_times_and_quiet_hours_are_chosen(phone: Client, runner: Enrollment) -> None:
    assert phone.post(PAGE, CHOICE)["Location"] == PAGE
    choice = ReminderChoice.objects.get(user=runner.seat.user)
    assert (choice.strength, choice.morning, choice.message) == (True, False, True)
    assert [f"{choice.strength_at:%H:%M}", f"{choice.quiet_until:%H:%M}"] == ["18:30", "06:45"]
    assert 'value="18:30"' in text(phone)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"strength_at": "22:00"}, "That’s in your quiet hours."),
        ({"morning": "on", "morning_at": "06:00"}, "That’s in your quiet hours."),
        ({"quiet_from": "06:45"}, "would last all day"),
        ({"strength_at": "half past six"}, "Enter a time, like 7:30 AM."),
        ({"strength_at": ""}, "Pick a time, for example 7:30 AM."),
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused_beside_its_field(
    phone: Client, typed: dict[str, str], sentence: str
) -> None:
    answer = phone.post(PAGE, CHOICE | typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ReminderChoice.objects.exists()


def test_the_home_screen_of_an_iphone_is_named_until_it_is_known(phone: Client) -> None:
    iphone = {"User-Agent": IPHONE}
    assert "Add to Home Screen" in text(phone, **iphone)
    assert "Add to Home Screen" not in text(phone)
    phone.post("/me/reminders/home-screen/")
    assert "Add to Home Screen" not in text(phone, **iphone)


def test_a_clinician_turns_a_device_on_and_chooses_nothing_else(runner: Enrollment, client: Client) -> None:
    clinician: User = make_clinician()
    client.force_login(clinician)
    use_second_factor(client, clinician)
    page = text(client)
    assert "When a stop flag waits" in page
    assert "What to remind you of" not in page
    assert client.post(DEVICE, SUBSCRIPTION).json() == {"saved": True}
    assert client.post(PAGE, CHOICE).status_code == 200
    assert not ReminderChoice.objects.exists()


def test_without_a_key_there_is_no_push(phone: Client, settings: Any) -> None:
    settings.PUSH_KEY = ""
    assert "Notifications on your devices" not in text(phone)
    assert phone.post(DEVICE, SUBSCRIPTION).status_code == 404


def test_the_endpoint_and_its_keys_reach_no_log(
    phone: Client, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    phone.post(DEVICE, SUBSCRIPTION)
    phone.post(DEVICE, SUBSCRIPTION | {"endpoint": "https://secret.example/4711"})
    out = capfd.readouterr()
    logged = caplog.text + out.out + out.err
    assert "device" in logged
    assert not [word for word in (*SUBSCRIPTION.values(), "4711") if word in logged]
