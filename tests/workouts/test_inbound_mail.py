"""Files by mail: an address of the runner's own, what it takes, and what it does not tell."""

import base64
import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.actions import withdraw
from challenge.enrollment.models import EndReason, Enrollment
from challenge.operations.data_key import Resealed, reseal_all
from challenge.privacy.retention import apply_retention
from challenge.workouts import import_actions, inbound_mail
from challenge.workouts.import_models import ImportJob, InboundAddress
from challenge.workouts.inbound_mail import MOST_MAILS, NO_FILE, address_of, make_address
from challenge.workouts.models import Run
from tests.factories.activity_files import Stretch, fit_run
from tests.factories.cohorts import enroll
from tests.factories.people import make_runner_user, sign_in_now
from tests.workouts.test_importing_files import STARTED, answers

DOMAIN = "in.clinic.test"
SECRET = "us:them"
FIT = fit_run([Stretch(1200)], start=STARTED)
Attachment = tuple[str, bytes]


@pytest.fixture(autouse=True)
def service(settings: Any) -> None:
    """Configure a mail service that hands mail over."""
    settings.INBOUND_MAIL_DOMAIN = DOMAIN
    settings.EMAIL_WEBHOOK = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "POSTMARK_SERVER_TOKEN": "x"}


@pytest.fixture
def address(enrollment: Enrollment, now: datetime) -> str:
    assert enrollment.seat.user is not None
    make_address(enrollment=enrollment, by=enrollment.seat.user, at=now)
    return str(address_of(enrollment))


def postmark(to: str, *files: Attachment, message_id: str | None = None, **more: Any) -> dict[str, Any]:
    """One mail as Postmark hands it over."""
    person = {"Email": "sam@somewhere.test", "Name": "Sam", "MailboxHash": ""}
    return {
        "FromName": "Sam",
        "From": person["Email"],
        "FromFull": person,
        "To": to,
        "ToFull": [{"Email": to, "Name": "", "MailboxHash": ""}],
        "OriginalRecipient": to,
        "Subject": "my run",
        "MessageID": message_id or uuid.uuid4().hex,
        "TextBody": "Here it is",
        "Headers": [],
        "Attachments": [
            {
                "Name": name,
                "Content": base64.b64encode(content).decode(),
                "ContentType": "application/octet-stream",
                "ContentLength": len(content),
            }
            for name, content in files
        ],
    } | more


def hand_over(mail: Any, *, secret: str = SECRET, where: str = "postmark") -> int:
    body = mail if isinstance(mail, str) else json.dumps(mail)
    credentials = "Basic " + base64.b64encode(secret.encode()).decode()
    answer = Client(enforce_csrf_checks=True).post(
        f"/email/inbound/{where}/",
        body,
        content_type="application/json",
        headers={"authorization": credentials},
    )
    return answer.status_code


def read_all(now: datetime) -> None:
    while import_actions.read_next(at=now):
        pass


def test_a_mailed_file_waits_for_a_look_and_is_saved_once(phone: Client, address: str, now: datetime) -> None:
    mail = postmark(address, ("morning.fit", FIT), ("photo.jpg", b"no file of ours"))
    assert [hand_over(mail), hand_over(mail)] == [200, 200]
    assert not Run.objects.exists()
    page = phone.get("/log/import/").content.decode()
    assert "Ready for you to review" in page
    assert "Being read" in page
    read_all(now)
    assert ">1 run</span>" in phone.get("/log/import/").content.decode()
    assert "Your files are here" in phone.get("/today/").content.decode()
    preview = f"/log/import/{ImportJob.objects.get().batch}/"
    values = answers(phone, preview)
    phone.post(preview, values)
    phone.post(preview, values)
    assert Run.objects.count() == 1
    assert "Your files are here" not in phone.get("/today/").content.decode()


def test_an_address_in_capitals_or_in_the_copy_line_works(address: str) -> None:
    assert hand_over(postmark(address.upper(), ("a.fit", FIT))) == 200
    other = "clinic@somewhere.test"
    copied = [{"Email": address, "Name": "", "MailboxHash": ""}]
    assert hand_over(postmark(other, ("b.fit", FIT), OriginalRecipient="", CcFull=copied)) == 200
    assert ImportJob.objects.count() == 2


def test_the_sender_decides_nothing(enrollment: Enrollment, address: str) -> None:
    """Neither does the runner's own address make a mail theirs, nor another one make it foreign."""
    own = enrollment.address
    person = {"Email": own, "Name": "", "MailboxHash": ""}
    hand_over(postmark(f"runs-{'a' * 24}@{DOMAIN}", ("a.fit", FIT), FromFull=person, From=own))
    assert not ImportJob.objects.exists()


@pytest.mark.parametrize(
    "to",
    [f"runs-{'a' * 24}@{DOMAIN}", f"hello@{DOMAIN}", "runs-@x", "nobody at all", f"runs-{'é' * 24}@{DOMAIN}"],
)
def test_mail_to_an_unknown_address_is_dropped_with_the_same_answer(address: str, to: str) -> None:
    known, unknown = hand_over(postmark(address, ("a.fit", FIT))), hand_over(postmark(to, ("a.fit", FIT)))
    assert (known, ImportJob.objects.count()) == (200, 1)
    assert unknown in ((200,) if "@" in to and to.isascii() else (200, 400))


def test_another_secret_or_service_hands_nothing_over(address: str, settings: Any) -> None:
    mail = postmark(address, ("a.fit", FIT))
    assert hand_over(mail, secret="us:strangers") == 400
    assert hand_over(mail, where="mailgun") == 404
    settings.INBOUND_MAIL_DOMAIN = ""
    assert hand_over(mail) == 404
    assert not ImportJob.objects.exists()


def test_only_the_service_may_send_more_than_a_form(address: str) -> None:
    large = postmark(address, ("a.fit", FIT + bytes(3_000_000)))
    assert hand_over(large, secret="us:strangers") == 403
    assert hand_over(large) == 200
    assert hand_over(postmark(address, ("a.fit", bytes(28_000_000)))) == 413


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"Attachments": 3}', '{"ToFull": [{"Email": "<<>"}]}', "\x00"]
)
def test_what_is_no_mail_is_never_an_error_of_the_program(body: str) -> None:
    assert hand_over(body) in (200, 400)


def test_a_mail_without_a_file_says_so(phone: Client, address: str) -> None:
    hand_over(postmark(address, ("photo.jpg", b"x")))
    assert "No run found" in phone.get("/log/import/").content.decode()
    preview = f"/log/import/{ImportJob.objects.get().batch}/"
    page = phone.get(preview).content.decode()
    assert NO_FILE in page
    assert "take it off my list" in page
    phone.post(preview)
    assert "Ready for you to review" not in phone.get("/log/import/").content.decode()


def test_forty_attachments_are_bounded_with_a_sentence(phone: Client, address: str) -> None:
    hand_over(postmark(address, *((f"{number}.fit", FIT + bytes([number])) for number in range(40))))
    files = ImportJob.objects.filter(number__gt=0)
    assert files.count() == import_actions.MOST_FILES
    assert "had 40 files; we took the first 20" in str(ImportJob.objects.get(number=0).reading)


def test_a_large_attachment_is_left_out_with_a_sentence(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound_mail, "MOST_BYTES", 1_000_000)
    hand_over(postmark(address, ("big.zip", bytes(1_000_001)), ("a.fit", FIT)))
    assert list(ImportJob.objects.order_by("number").values_list("name", flat=True)) == [
        "Your email",
        "a.fit",
    ]


def test_mail_beyond_what_waits_is_dropped_and_the_page_says_so(phone: Client, address: str) -> None:
    for _ in range(MOST_MAILS + 2):
        hand_over(postmark(address, ("letter.txt", b"x")))
    assert ImportJob.objects.count() == MOST_MAILS
    assert "new emails are turned away" in phone.get("/log/import/").content.decode()


def test_a_forwarded_mail_gives_its_file(address: str) -> None:
    inner = (
        "From: a@b.test\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nhi\n--x\n"
        'Content-Type: application/octet-stream; name="a.fit"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="a.fit"\n\n{base64.encodebytes(FIT).decode()}\n--x--\n'
    )
    outer = (
        f"To: {address}\nFrom: c@d.test\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=y\n\n--y\n"
        f"Content-Type: message/rfc822\n\n{inner}\n--y--\n"
    )
    assert hand_over(postmark(address) | {"RawEmail": outer}) == 200
    assert bytes(ImportJob.objects.get().content or b"") == FIT


def test_the_page_gives_changes_and_turns_off_the_address(
    phone: Client, enrollment: Enrollment, settings: Any
) -> None:
    assert enrollment.seat.user is not None
    sign_in_now(phone, enrollment.seat.user)
    assert "Get my address" in phone.get("/log/import/").content.decode()
    phone.post("/log/import/address/", {"turn": "new"})
    first = str(address_of(enrollment))
    assert first in phone.get("/log/import/").content.decode()
    assert first.partition("@")[0] not in str(InboundAddress.objects.values().get())
    phone.post("/log/import/address/", {"turn": "new"})
    hand_over(postmark(str(first), ("a.fit", FIT)))
    assert not ImportJob.objects.exists()
    # The key signs sessions and links, and has nothing to do with this address.
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key" * 9
    second = str(address_of(enrollment))
    hand_over(postmark(second, ("a.fit", FIT)))
    assert ImportJob.objects.count() == 1
    phone.post("/log/import/address/", {"turn": "off"})
    assert not InboundAddress.objects.exists()
    assert phone.get("/log/import/address/").status_code == 405


def test_an_address_of_a_key_that_is_gone_is_not_shown(
    enrollment: Enrollment, address: str, settings: Any
) -> None:
    settings.DATA_KEY, right = "another key" * 9, settings.DATA_KEY
    assert address_of(enrollment) is None
    settings.DATA_KEY_FALLBACKS = ["a third" * 9]
    assert address_of(enrollment) is None
    settings.DATA_KEY_FALLBACKS = [right]
    assert address_of(enrollment) == address
    reseal_all()
    settings.DATA_KEY_FALLBACKS = []
    assert address_of(enrollment) == address


def test_an_address_from_before_secrets_were_sealed_goes_on(
    phone: Client, enrollment: Enrollment, address: str, settings: Any
) -> None:
    row = InboundAddress.objects.get()
    old = inbound_mail._derived(row.nonce, settings.SECRET_KEY)
    InboundAddress.objects.update(sealed_secret="", secret_sha256=inbound_mail._hash(old))
    assert reseal_all() == Resealed(current=0, resealed=0, unreadable=0)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key" * 9
    assert address_of(enrollment) == f"runs-{old}@{DOMAIN}"
    settings.SECRET_KEY_FALLBACKS = []
    assert address_of(enrollment) is None
    hand_over(postmark(f"runs-{old}@{DOMAIN}", ("a.fit", FIT)))
    assert ImportJob.objects.count() == 1
    assert "Get my address" not in phone.get("/log/import/").content.decode()


def test_a_runner_who_left_gets_no_files(enrollment: Enrollment, address: str, now: datetime) -> None:
    withdraw(seat=enrollment.seat, reason=EndReason.WITHDREW, by=None, at=now)
    assert hand_over(postmark(address, ("a.fit", FIT))) == 200
    assert not ImportJob.objects.exists()


def test_a_closed_account_gets_no_files(enrollment: Enrollment, address: str) -> None:
    User.objects.filter(seats=enrollment.seat).update(is_active=False)
    assert hand_over(postmark(address, ("a.fit", FIT))) == 200
    assert not ImportJob.objects.exists()


def test_no_one_sees_the_files_or_the_address_of_another(enrollment: Enrollment, address: str) -> None:
    hand_over(postmark(address, ("a.fit", FIT)))
    other, user = Client(), make_runner_user()
    enroll(user=user, cohort=enrollment.cohort)
    other.force_login(user)
    page = other.get("/log/import/").content.decode()
    assert address not in page
    assert "Ready for you to review" not in page


def test_mailed_files_wait_two_weeks_and_others_two_days(
    enrollment: Enrollment, address: str, now: datetime
) -> None:
    hand_over(postmark(address, ("a.fit", FIT)))
    import_actions.start_import(enrollment=enrollment, batch=uuid.uuid4(), files=[("b.fit", FIT)], at=now)
    ImportJob.objects.update(uploaded_at=now)
    apply_retention(at=now + timedelta(days=3))
    assert ImportJob.objects.get().name == "a.fit"
    apply_retention(at=now + timedelta(days=15))
    assert not ImportJob.objects.exists()
