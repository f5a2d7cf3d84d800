"""The export of a runner's data: one zip with JSON and CSV, nothing left on disk."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from challenge.db.export import escape_formula
from challenge.enrollment.models import EarlyAccess, Enrollment
from challenge.privacy.queries import EVERY, as_csv
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.lives import MARKER, make_life
from tests.factories.people import make_runner_user, sign_in_now
from tests.repository.test_privacy_lists import parts_with_privacy

pytestmark = pytest.mark.django_db


@pytest.fixture
def life() -> Enrollment:
    return make_life()


def fetch_zip(client: Client, enrollment: Enrollment) -> dict[str, str]:
    sign_in_now(client, enrollment.seat.user)  # type: ignore[arg-type]
    response: Any = client.post("/me/export/")
    assert response.status_code == 200
    assert response.streaming
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_every_part_with_a_privacy_list_is_asked() -> None:
    assert {part.__name__ for part in EVERY} == {part.__name__ for part in parts_with_privacy()}


def test_the_zip_holds_every_table_as_json_and_csv(client: Client, life: Enrollment) -> None:
    files = fetch_zip(client, life)
    tables = {name.rsplit(".", 1)[0] for name in files} - {"read-me"}
    assert {f"{table}.{kind}" for table in tables for kind in ("json", "csv")} | {"read-me.txt"} == set(files)
    filled = {t for t in tables if json.loads(files[f"{t}.json"])}
    assert {"accounts/account", "accounts/who_looked", "workouts/run", "intake/intake", "care/flag"} <= filled
    assert {"enrollment/seats", "mail/emails", "care/phasechange", "workouts/strengthset"} <= filled
    assert json.loads(files["workouts/run.json"])[0]["pain"] == 4
    assert MARKER in files["intake/draft.json"]


def test_other_addresses_devices_and_second_factors_are_in_it(client: Client, life: Enrollment) -> None:
    user = life.seat.user
    assert user is not None
    EmailAddress.objects.create(user=user, email="earlier@runners.test", verified=True)
    EarlyAccess.objects.create(which="early", email="earlier@runners.test", asked_at=NOW)
    starts_at = NOW.replace(day=8, hour=16)
    make_call(
        availability=make_availability(),
        starts_at=starts_at,
        at=NOW,
        email="earlier@runners.test",
        name="Asked before",
    )
    Authenticator.objects.create(user=user, type="totp", data={"secret": "never-shown"})
    files = fetch_zip(client, life)
    assert "earlier@runners.test" in files["accounts/addresses.json"]
    assert "earlier@runners.test" in files["enrollment/lists.json"]
    assert "Asked before" in files["calls/calls.json"]
    assert json.loads(files["accounts/devices.json"])[0]["ip"] == "127.0.0.1"
    assert [one["type"] for one in json.loads(files["accounts/second_factors.json"])] == ["totp"]
    assert json.loads(files["enrollment/enrollments.json"])[0]["email_content"] == "targets"
    assert "never-shown" not in "".join(files.values())


def test_nothing_of_another_person_is_in_it(client: Client, life: Enrollment) -> None:
    make_life(marker="Another-person")
    files = fetch_zip(client, life)
    assert [name for name, text in files.items() if "Another-person" in text] == []


def test_sign_in_codes_and_keys_are_not_in_it(client: Client, life: Enrollment) -> None:
    text = "".join(fetch_zip(client, life).values())
    assert '"password"' not in text
    assert '"key"' not in text


def test_a_text_that_looks_like_a_formula_stays_a_text_in_csv(client: Client, life: Enrollment) -> None:
    rows = list(csv.DictReader(io.StringIO(fetch_zip(client, life)["intake/intake.csv"])))
    assert rows[0]["remarks"] == f"'=1+1 {MARKER}"


@pytest.mark.parametrize("start", [*"=+-@", "\t=", "\r=", " ="])
def test_no_cell_begins_a_formula(start: str) -> None:
    line = as_csv([{"text": f"{start}HYPERLINK(1)", "number": -3}])
    text, number = next(iter(csv.reader(io.StringIO(line.split("\r\n", 1)[1], newline=""))))
    assert text.startswith("'")
    assert number == "-3"


@pytest.mark.parametrize(
    "unseen", ["\u00a0", "\u200b", "\ufeff", "\v", "\f", "\x00", "\u2060", "\u3000", "\ufe0f", " \u00a0 "]
)
@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62")
def test_nothing_unseen_or_wide_hides_a_formula(unseen: str, sign: str) -> None:
    for cell in (f"{sign}1", f"{unseen}{sign}1"):
        assert escape_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("text", ["", "\u200b", "a=1", "\u00a0calm", "5 - 3"])
def test_another_text_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text


def test_it_is_made_on_post_only_and_never_cached(client: Client, life: Enrollment) -> None:
    sign_in_now(client, life.seat.user)  # type: ignore[arg-type]
    assert client.get("/me/export/")["Content-Type"].startswith("text/html")
    response = client.post("/me/export/")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith('attachment; filename="pain-free-runner-')


def test_nothing_is_written_to_disk(
    client: Client, life: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_now(client, life.seat.user)  # type: ignore[arg-type]
    client.get("/me/export/")

    def refuse(self: Path, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError(self)

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    response: Any = client.post("/me/export/")
    assert len(b"".join(response.streaming_content)) > 1000


def test_a_stale_sign_in_is_asked_first(client: Client, life: Enrollment) -> None:
    client.force_login(life.seat.user)  # type: ignore[arg-type]
    assert client.post("/me/export/")["Location"] == "/accounts/again/?next=%2Fme%2Fexport%2F"


def test_a_person_without_a_seat_gets_their_account(client: Client) -> None:
    sign_in_now(client, make_runner_user())
    response: Any = client.post("/me/export/")
    assert b"accounts/account.json" in b"".join(response.streaming_content)
