"""A stolen database opens no account and no calendar; a new key, an old one and a wrong one lose nothing."""

import os
import subprocess
import sys
import uuid
from base64 import b64decode, urlsafe_b64encode
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import User
from challenge.calls.calendar_actions import _old_cipher, add_calendar, open_address
from challenge.calls.emails import feed_link
from challenge.calls.schedule_models import BusyCalendar, DeskFeed
from challenge.db.sealed import PREFIX, WrongDataKey, is_current, open_sealed, seal
from challenge.operations.data_key import Resealed, reseal_all, wrong_key_sentence
from challenge.operations.queries import failing_checks
from challenge.workouts.inbound_mail import address_of, make_address
from tests.authenticator import code_now
from tests.conftest import NOW
from tests.factories.calls import make_availability
from tests.factories.cohorts import enroll
from tests.factories.people import make_clinician

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SEED = "5eed" * 10
ADDRESS = "https://calendars.test/private-4711/basic.ics"
NEW, OTHER = "a new data key " * 4, "another data key " * 4


@pytest.fixture
def staff() -> User:
    """A clinician with an authenticator app, recovery codes and a calendar, sealed with the present key."""
    user = make_clinician()
    TOTP.activate(user, SECRET)
    codes = RecoveryCodes.activate(user)
    codes.instance.data["seed"] = seal(SEED)
    codes.instance.save()
    add_calendar(
        availability=make_availability(staff=user), name="Mine", address=ADDRESS, by=user, at=NOW
    )  # fmt: skip
    return user


def factor(user: User, kind: str) -> Authenticator:
    return Authenticator.objects.get(user=user, type=kind)


def stored_anywhere(word: str) -> list[str]:
    """Return the tables that a thief would find the word in."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{word}%"])
            found += [table] * bool(cursor.fetchone()[0])
    return found


def test_a_stolen_database_holds_no_factor_and_no_secret_address(staff: User, settings: Any) -> None:
    settings.INBOUND_MAIL_DOMAIN = "in.clinic.test"
    enrollment = enroll()
    assert enrollment.seat.user is not None
    make_address(enrollment=enrollment, by=enrollment.seat.user, at=NOW)
    mailed_to = address_of(enrollment)
    feed = feed_link(DeskFeed.objects.create(staff=staff, feed_key=uuid.uuid4()))
    assert mailed_to
    assert feed
    codes = RecoveryCodes(factor(staff, "recovery_codes")).get_unused_codes()
    assert len(codes) == 10
    secrets = [
        SECRET,
        SEED,
        *codes,
        ADDRESS,
        "private-4711",
        mailed_to.partition("@")[0],
        feed.rpartition("/")[2],
    ]
    assert [stored_anywhere(secret) for secret in secrets] == [[] for _ in secrets]
    BusyCalendar.objects.update(name=SEED)
    assert stored_anywhere(SEED) == ["challenge_busycalendar"], "it would be found"


def test_a_sealed_secret_names_its_cipher_and_one_changed_letter_is_noticed() -> None:
    sealed = seal(SECRET)
    token = b64decode(sealed.removeprefix(PREFIX), altchars=b"-_")
    assert token[0] == 0x80, "Fernet: AES-128 in CBC mode, and an HMAC with SHA-256 over all of it"
    assert sealed != seal(SECRET), "each time another initialization vector"
    for place in (0, 9, len(token) // 2, len(token) - 1):
        altered = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        with pytest.raises(WrongDataKey):
            open_sealed(PREFIX + urlsafe_b64encode(altered).decode())


def test_a_sealed_app_gives_the_right_codes_and_no_others(staff: User) -> None:
    assert TOTP(factor(staff, "totp")).validate_code(code_now(SECRET))
    assert not TOTP(factor(staff, "totp")).validate_code("000000")


def test_what_was_stored_in_clear_still_works_and_is_sealed(staff: User, settings: Any) -> None:
    Authenticator.objects.filter(type="totp").update(data={"secret": SECRET, "name": "Phone"})
    Authenticator.objects.filter(type="recovery_codes").update(
        data={"migrated_codes": ["11111111", "22222222"]}
    )
    BusyCalendar.objects.update(sealed_address=_old_cipher().encrypt(ADDRESS.encode()).decode())
    assert TOTP(factor(staff, "totp")).validate_code(code_now(SECRET))
    assert (reseal_all(), reseal_all()) == (resealed(3), resealed(0))
    assert stored_anywhere(SECRET) == stored_anywhere("11111111") == []
    assert factor(staff, "totp").data["name"] == "Phone"
    assert open_sealed(factor(staff, "totp").data["secret"]) == SECRET
    codes = RecoveryCodes(factor(staff, "recovery_codes"))
    assert codes.get_unused_codes() == ["11111111", "22222222"]
    settings.SECRET_KEY = "m" * 60
    assert open_address(BusyCalendar.objects.get().sealed_address) == ADDRESS, "SECRET_KEY no longer matters"


def resealed(number: int) -> Resealed:
    return Resealed(current=3 - number, resealed=number, unreadable=0)


def test_a_new_key_takes_over_and_the_old_one_can_go(staff: User, settings: Any) -> None:
    settings.DATA_KEY, settings.DATA_KEY_FALLBACKS = NEW, [settings.DATA_KEY]
    assert TOTP(factor(staff, "totp")).validate_code(code_now(SECRET))
    assert wrong_key_sentence() == ""
    output = StringIO()
    call_command("rotate_data_key", stdout=output)
    assert output.getvalue().startswith("3 sealed again, 0 were sealed with this key already.")
    settings.DATA_KEY_FALLBACKS = []
    assert wrong_key_sentence() == ""
    assert is_current(factor(staff, "totp").data["secret"])
    assert open_sealed(factor(staff, "totp").data["secret"]) == SECRET
    assert open_address(BusyCalendar.objects.get().sealed_address) == ADDRESS


def test_a_wrong_key_changes_nothing_and_the_right_one_opens_all_again(staff: User, settings: Any) -> None:
    right = settings.DATA_KEY
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    assert "data_key" not in failing_checks(at=timezone.now())
    settings.DATA_KEY = OTHER
    assert wrong_key_sentence().startswith("DATA_KEY does not open 3 stored secrets.")
    assert failing_checks(at=timezone.now())["data_key"] == wrong_key_sentence()
    with pytest.raises(CommandError, match="3 could not be opened and are unchanged"):
        call_command("rotate_data_key", stdout=StringIO())
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before
    settings.DATA_KEY = right
    assert wrong_key_sentence() == ""


def test_under_a_wrong_key_no_code_is_right_or_wrong(staff: User, settings: Any, client: Client) -> None:
    """With the database away a process starts without asking; the sign-in then says to come back."""
    staff.set_password("a-long-and-invented-one")
    staff.save()
    settings.DATA_KEY = OTHER
    client.raise_request_exception = False
    client.post("/accounts/login/", {"login": staff.email, "password": "a-long-and-invented-one"})
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 503


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("process", ["thrive.wsgi", "worker"])
def test_web_and_worker_do_not_start_with_a_wrong_key(staff: User, process: str) -> None:
    environment = os.environ | {"DATABASE_URL": own_database(), "DATA_KEY": OTHER}
    commands = {
        "thrive.wsgi": ["-c", "import thrive.wsgi"],
        "worker": ["-m", "celery", "--app", "thrive", "--quiet", "worker", "--loglevel", "warning"],
    }
    done = subprocess.run(
        [sys.executable, *commands[process]],
        cwd=project.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "DATA_KEY does not open 3 stored secrets." in done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("staff")
def test_a_right_key_starts_and_so_does_a_process_without_its_database() -> None:
    for url in (own_database(), "postgresql://nobody@/nothing?host=/nonexistent"):
        environment = os.environ | {"DATABASE_URL": url}
        command = [sys.executable, "-c", "import thrive.wsgi"]
        done = subprocess.run(command, cwd=project.BASE_DIR, env=environment, timeout=60, check=False)
        assert done.returncode == 0


def own_database() -> str:
    name = connection.settings_dict["NAME"]
    return os.environ["DATABASE_URL"].replace("/thrive?", f"/{name}?")
