"""Pushes: encrypted for one browser, handed over once, and never to an address that is no push service."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.db import transaction
from py_vapid import Vapid02

from challenge.mail import push_transport
from challenge.mail.actions import Push, put_pushes_in_outbox
from challenge.mail.delivery import deliver_due, deliver_pushes
from challenge.mail.models import MessageState, OutboxMessage, PushAddress
from challenge.mail.public_host import PinnedConnection
from challenge.mail.push_addresses import MOST_DEVICES, NoPushService, encrypt, save_address
from challenge.mail.push_transport import PushTransport
from challenge.mail.queries import failing_messages, given_up, kept_waiting
from tests.conftest import NOW
from tests.mail.conftest import make_message
from tests.mail.push_service import PUSH_KEY, PushService, answer, decrypt, encode, from_base64, stall

pytestmark = pytest.mark.django_db
# RFC 8291, appendix A.
WATERMELON = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95b"
    "Qpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
BROWSER_KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
BROWSER_POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
BROWSER_AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


def private(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(from_base64(key), "big"), ec.SECP256R1())


@pytest.fixture(scope="module")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    service = PushService(tmp_path_factory.mktemp("push"))
    yield service
    service.close()


@pytest.fixture
def service(shared_service: PushService, settings: Any) -> PushService:
    settings.PUSH_KEY = PUSH_KEY
    settings.PUSH_LOOPBACK_CERTIFICATE = str(shared_service.certificate)
    shared_service.received.clear()
    shared_service.answers.clear()
    cache.clear()
    return shared_service


def make_push(service: PushService, name: str = "a", *, at: datetime = NOW, **changed: Any) -> OutboxMessage:
    address = save_address(owner=f"account:{name}", device="Firefox", at=at, **service.subscription(name))
    values: dict[str, Any] = {
        "title": "Pain-Free Runner", "body": "There’s a new message.", "path": "/messages/", "tag": "message-1",
        "dedupe_key": f"push:{name}", "about": f"account:{name}", "expires_at": at + timedelta(hours=2),
    }  # fmt: skip
    with transaction.atomic():
        put_pushes_in_outbox([Push(to=address, **(values | changed))], at=at)
    return OutboxMessage.objects.get(dedupe_key=(values | changed)["dedupe_key"])


def deliver(at: datetime = NOW, *, seconds: float = 5.0) -> Any:
    return deliver_pushes(now=lambda: at, transport=PushTransport(seconds=seconds))


def test_the_example_of_the_rfc() -> None:
    words = b"When I grow up, I want to be a watermelon"
    body = encrypt(
        words, p256dh=BROWSER_POINT, auth=BROWSER_AUTH, private_key=private(PUSH_KEY),
        salt=from_base64("DGv6ra1nlYgDCS1FRnbzlw"),
    )  # fmt: skip
    assert encode(body) == WATERMELON
    assert decrypt(body, private(BROWSER_KEY), from_base64(BROWSER_AUTH)) == words
    assert encrypt(words, p256dh=BROWSER_POINT, auth=BROWSER_AUTH) != body, "a new key and salt each time"


def test_a_push_arrives_and_its_moment_is_kept(service: PushService) -> None:
    message = make_push(service)
    assert deliver().sent == 1
    (received,) = service.received
    assert received.said == {
        "title": "Pain-Free Runner", "body": "There’s a new message.", "path": "/messages/", "tag": "message-1",
    }  # fmt: skip
    assert received.headers["Content-Encoding"] == "aes128gcm"
    assert received.headers["TTL"] == "7200"
    assert received.headers["Topic"] == "message-1"
    assert Vapid02.verify(received.headers["Authorization"])
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert PushAddress.objects.get().last_success_at == NOW
    assert deliver().sent == 0, "once"


def test_the_address_and_its_keys_are_not_readable_in_the_database(service: PushService) -> None:
    make_push(service)
    row = PushAddress.objects.get()
    stored = f"{row.sealed} {row.endpoint_sha256} {OutboxMessage.objects.values().get()}"
    assert not [secret for secret in service.subscription("a").values() if secret in stored]


@pytest.mark.parametrize("status", [404, 410])
def test_an_address_that_is_gone_is_dropped(service: PushService, status: int) -> None:
    gone, other = make_push(service, "gone"), make_push(service, "other")
    again = make_push(service, "gone", dedupe_key="push:again")
    service.answers["/push/gone"] = answer(status)
    deliver()
    states = [OutboxMessage.objects.get(pk=one.pk).state for one in (gone, again, other)]
    assert states == [MessageState.FAILED, MessageState.FAILED, MessageState.SENT]
    assert [row.owner for row in PushAddress.objects.all()] == ["account:other"]
    assert [one.path for one in service.received].count("/push/gone") == 1
    assert not failing_messages(at=NOW).exists()
    assert not given_up(since=NOW - timedelta(days=1)).exists()


def test_a_service_that_asks_for_patience_gets_it(service: PushService) -> None:
    first, second = make_push(service, "a"), make_push(service, "b")
    service.answers["/push/a"] = answer(429, Retry_After="600")
    deliver()
    assert len(service.received) == 1, "the second is not even tried"
    for one in (first, second):
        one.refresh_from_db()
        assert one.state == MessageState.QUEUED
        assert one.send_at >= NOW + timedelta(seconds=590)
    assert deliver(NOW + timedelta(minutes=5)).sent == 0
    service.answers.clear()
    cache.clear()  # as ten minutes later
    assert deliver(NOW + timedelta(minutes=11)).sent == 2
    assert not kept_waiting(at=NOW, longer_than=timedelta(0)).exists()


def test_a_service_in_trouble_is_tried_again(service: PushService) -> None:
    message = make_push(service)
    service.answers["/push/a"] = answer(500)
    deliver()
    message.refresh_from_db()
    assert (message.state, message.last_error) == (MessageState.QUEUED, "500")
    service.answers.clear()
    assert deliver(message.send_at).sent == 1


def test_a_service_that_stalls_is_cut_off_and_the_push_is_tried_once_more(service: PushService) -> None:
    message = make_push(service)
    service.answers["/push/a"] = stall
    for n in range(2):
        began = time.monotonic()
        deliver(NOW + n * timedelta(minutes=2), seconds=0.5)
        assert time.monotonic() - began < 2.5
        message.refresh_from_db()
        assert message.unsure
        assert message.state == (MessageState.FAILED if n else MessageState.QUEUED)
        cache.clear()
    assert len(service.received) == 2


def test_a_redirect_is_not_followed(service: PushService) -> None:
    make_push(service)
    service.answers["/push/a"] = answer(307, Location="https://127.0.0.1/elsewhere")
    deliver()
    assert [one.path for one in service.received] == ["/push/a"]
    assert OutboxMessage.objects.get().last_error == "307"


def test_a_push_that_comes_too_late_is_not_sent(service: PushService) -> None:
    message = make_push(service)
    deliver(NOW + timedelta(hours=3))
    message.refresh_from_db()
    assert message.state == MessageState.FAILED
    assert service.received == []


def test_email_and_pushes_do_not_take_each_other(service: PushService) -> None:
    push, email = make_push(service), make_message()
    deliver_due(now=lambda: NOW)
    push.refresh_from_db()
    assert push.state == MessageState.QUEUED
    OutboxMessage.objects.filter(pk=email.pk).update(state=MessageState.QUEUED, sent_at=None)
    assert deliver().sent == 1
    email.refresh_from_db()
    assert email.state == MessageState.QUEUED


NO_SERVICE = (
    "http://fcm.googleapis.com/push/1",
    "https://fcm.googleapis.com:8443/push/1",
    "https://user@fcm.googleapis.com/push/1",
    "https://fcm.googleapis.com.evil.example/push/1",
    "https://evilfcm.googleapis.com.example/1",
    "https://notfcm.googleapis.com@10.0.0.1/1",
    "https://127.0.0.1/push/1",
    "https://[::1]/push/1",
    "https://[::ffff:10.0.0.1]/push/1",
    "https://169.254.169.254/latest/meta-data/",
    "https://localhost/push/1",
    "https://push.example/1",
    "https://[x/1",
    "https://fcm.googleapis.com/\r\nHost: x",
    "https://fcm.googleapis.com/ü",
    "file:///etc/passwd",
    "",
)


@pytest.mark.parametrize("endpoint", NO_SERVICE)
def test_an_address_that_is_no_push_service_is_refused(
    settings: Any, service: PushService, endpoint: str
) -> None:
    settings.PUSH_LOOPBACK_CERTIFICATE = ""
    keys = service.subscription("a") | {"endpoint": endpoint}
    with pytest.raises(NoPushService):
        save_address(owner="account:1", device="Firefox", at=NOW, **keys)


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "AAAA"},
        {"auth": "AAAA"},
        {"p256dh": encode(b"\x04" + bytes(64))},
        {"p256dh": "é"},
        {"auth": ""},
    ],
)
def test_keys_that_are_none_are_refused(service: PushService, keys: dict[str, str]) -> None:
    with pytest.raises(NoPushService):
        save_address(owner="account:1", device="Firefox", at=NOW, **(service.subscription("a") | keys))


@pytest.mark.parametrize(
    "address", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "64:ff9b::a00:7"]
)
def test_a_known_name_that_leads_to_a_private_address_is_not_connected_to(
    settings: Any, service: PushService, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    message = make_push(service)
    # The row stays as it is, with the port of the test's server; the product's own rules judge it.
    settings.PUSH_LOOPBACK_CERTIFICATE = ""
    monkeypatch.setattr(push_transport, "host_and_port", lambda endpoint: ("fcm.googleapis.com", 443))
    monkeypatch.setattr(push_transport, "resolve", lambda host, port: ["142.250.1.1", address])

    def refuse(*args: Any, **values: Any) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(PinnedConnection, "connect", refuse)
    deliver()
    message.refresh_from_db()
    assert (message.state, message.last_error) == (MessageState.FAILED, "private")


def test_the_same_browser_is_one_device_and_its_last_owners(service: PushService) -> None:
    for owner in ("account:1", "account:2"):
        save_address(owner=owner, device="Firefox", at=NOW, **service.subscription("one"))
    assert [row.owner for row in PushAddress.objects.all()] == ["account:2"]


def test_a_person_has_ten_devices_at_most(service: PushService) -> None:
    for n in range(MOST_DEVICES + 2):
        at = NOW + timedelta(minutes=n)
        save_address(owner="account:1", device=f"Phone {n}", at=at, **service.subscription(str(n)))
    devices = {row.device for row in PushAddress.objects.all()}
    assert len(devices) == MOST_DEVICES
    assert "Phone 0" not in devices
