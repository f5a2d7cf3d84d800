"""Files shared from the phone: the share target of the installed app, and what reaches the server past its worker."""

import uuid
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from challenge.enrollment.models import Enrollment
from challenge.workouts import import_actions
from challenge.workouts.import_models import ImportJob
from tests.workouts.test_importing_files import FIT

SHARE = "/log/import/share/"
FROM_THE_PHONE = {"Sec-Fetch-Site": "none"}


@pytest.fixture
def strict(phone: Client, enrollment: Enrollment) -> Client:
    """The runner's browser before a server that asks for tokens."""
    client = Client(enforce_csrf_checks=True)
    assert enrollment.seat.user is not None
    client.force_login(enrollment.seat.user)
    return client


def share(client: Client, *names: str, headers: dict[str, str] | None = None) -> Any:
    files = [SimpleUploadedFile(name, FIT) for name in names]
    return client.post(SHARE, {"activities": files, "title": "My run"}, headers=headers or FROM_THE_PHONE)


def test_the_manifest_names_the_share_target(client: Client) -> None:
    target = client.get("/site.webmanifest").json()["share_target"]
    assert (target["action"], target["method"], target["enctype"]) == (SHARE, "POST", "multipart/form-data")
    (files,) = target["params"]["files"]
    assert files["name"] == "activities"
    assert {".fit", ".tcx", ".gpx", ".zip", "application/octet-stream"} <= set(files["accept"])


def test_the_worker_keeps_shares_and_the_import_page_sends_them(phone: Client) -> None:
    worker = phone.get("/sw.js").content.decode()
    assert f'const SHARE = "{SHARE}"' in worker
    page = phone.get("/log/import/").content.decode()
    assert 'data-shares="20"' in page
    assert "js/share.js" in page


def test_a_share_past_the_worker_lands_in_the_preview(strict: Client) -> None:
    answer = share(strict, "a.fit", "b.fit")
    job = ImportJob.objects.first()
    assert job is not None
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/log/import/{job.batch}/")
    assert (job.source, ImportJob.objects.count()) == ("share", 2)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "nonsense"])
def test_what_another_site_sends_is_not_taken(strict: Client, site: str) -> None:
    answer = share(strict, "a.fit", headers={"Sec-Fetch-Site": site} if site else {"X-None": "1"})
    assert answer.status_code == 200
    assert "No file came with what you shared." in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_a_share_without_a_file_says_so(strict: Client) -> None:
    for answer in (
        strict.get(SHARE),
        strict.post(SHARE, {"text": "https://run.test"}, headers=FROM_THE_PHONE),
    ):
        assert "No file came with what you shared." in answer.content.decode()


def test_a_share_of_too_many_files_is_refused_beside_the_field(strict: Client) -> None:
    answer = share(strict, *(f"{number}.fit" for number in range(21)))
    assert answer.status_code == 422
    assert "at most 20 files" in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_a_share_beyond_two_megabytes_needs_the_worker(strict: Client) -> None:
    large = SimpleUploadedFile("big.gpx", bytes(3_000_000))
    answer = strict.post(SHARE, {"activities": [large]}, headers=FROM_THE_PHONE)
    assert answer.status_code == 413
    assert "2 MB" in answer.content.decode()


def test_a_share_without_a_session_is_sent_to_sign_in(enrollment: Enrollment) -> None:
    answer = share(Client(), "a.fit")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")
    assert not ImportJob.objects.exists()


def test_what_was_shared_waits_on_both_pages_until_it_is_closed(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    batch = uuid.uuid4()
    shared = ImportJob.ImportSource.SHARE
    import_actions.start_import(
        enrollment=enrollment, batch=batch, files=[("a.fit", FIT)], source=shared, at=now
    )
    import_actions.start_import(enrollment=enrollment, batch=uuid.uuid4(), files=[("b.fit", FIT)], at=now)
    while import_actions.read_next(at=now):
        pass
    page = phone.get("/log/import/").content.decode()
    assert page.count(">1 run</span>") == 1  # the upload from the page itself is not listed
    assert f"/log/import/{batch}/" in phone.get("/today/").content.decode()
    phone.post(f"/log/import/{batch}/", {"keep-1-0": "skip"})
    assert "Ready for you to review" not in phone.get("/log/import/").content.decode()
