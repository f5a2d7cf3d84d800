"""What a page does not take is refused with a sentence, before it is read."""

import contextlib
import errno
import io
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import resolve

from challenge.enrollment.models import Enrollment
from challenge.pages import middleware
from tests.factories.cohorts import enroll
from tests.factories.people import make_clinician, make_runner_user, sign_in_now, use_second_factor
from thrive import gunicorn_conf
from thrive.bodies import FORM_BYTES, IMPORT_BYTES

pytestmark = pytest.mark.django_db
MULTIPART_FORMS = {
    "intake/step.html": "/join/intake/running/",
    "enrollment/staff/invitations.html": "/admin/seats/a-cohort/invitations/",
    "outcomes/staff/questionnaires.html": "/admin/questionnaires/",
    "messages/messages.html": "/messages/",
    "pages/clinic.html": "/admin/clinic/people/1/picture/",
    "workouts/import.html": "/log/import/",
}


class Counted(io.BytesIO):
    """A body that notes how much of it is read."""

    got = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.got += len(data)
        return data


def send(client: Client, path: str, length: int, body: Counted, kind: str = MULTIPART_CONTENT) -> Any:
    stated: dict[str, Any] = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind, "wsgi.input": body}
    return client.generic("POST", path, b"", **stated)


@pytest.fixture
def runner(client: Client) -> Enrollment:
    enrollment = enroll()
    assert enrollment.seat.user is not None
    client.force_login(enrollment.seat.user)
    return enrollment


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/login/code/", "/early-access/", "/log/run/", "/"]
)
def test_a_file_sent_to_a_page_without_a_field_for_one_is_not_read(client: Client, path: str) -> None:
    form = encode_multipart(BOUNDARY, {"film": SimpleUploadedFile("film.mp4", b"x" * 1_900_000)})
    body = Counted(form)
    answer = send(client, path, len(form), body)
    assert answer.status_code == 413
    assert "This page takes no files." in answer.content.decode()
    assert body.got < 200_000


def test_a_multipart_form_without_a_file_is_taken_everywhere(client: Client) -> None:
    answer = client.post("/accounts/login/code/", {"email": "nobody@runners.test", "film": ""})
    assert answer.status_code < 400


def test_a_form_beyond_two_megabytes_is_refused_unread(client: Client, runner: Enrollment) -> None:
    body = Counted(b"x" * FORM_BYTES)
    for kind in (MULTIPART_CONTENT, "application/x-www-form-urlencoded", "application/json"):
        answer = send(client, "/log/run/", FORM_BYTES + 1, body, kind)
        assert answer.status_code == 413
        assert "up to 2 MB" in answer.content.decode()
    assert body.got == 0


def test_the_import_takes_a_hundred_and_ten_megabytes_and_no_more(client: Client, runner: Enrollment) -> None:
    body = Counted(b"x")
    answer = send(client, "/log/import/", IMPORT_BYTES + 1, body)
    assert answer.status_code == 413
    assert "up to 110 MB" in answer.content.decode()
    assert body.got == 0
    sent = client.post("/log/import/", {"activities": SimpleUploadedFile("run.tcx", b"x" * 3_000_000)})
    assert sent.status_code == 422, "it was read and judged by the form"


def test_a_stranger_sends_nothing_large_to_the_import(client: Client) -> None:
    body = Counted(b"x" * 3_000_000)
    answer = send(client, "/log/import/", 3_000_000, body)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/log/import/")
    assert body.got == 0


@pytest.mark.parametrize(("is_staff", "shown"), [(False, 200), (True, 403)])
def test_who_is_no_runner_sends_nothing_large_to_the_import(
    client: Client, is_staff: bool, shown: int
) -> None:
    user = make_clinician() if is_staff else make_runner_user()
    sign_in_now(client, user)
    if is_staff:
        use_second_factor(client, user)
    body = Counted(b"x" * 3_000_000)
    answer = send(client, "/log/import/", 3_000_000, body)
    assert (answer.status_code, answer["Location"]) == (302, "/log/import/")
    assert body.got == 0
    assert client.get("/log/import/").status_code == shown, "the page says why"


def is_busy(answer: Any) -> bool:
    text = answer.content.decode()
    return answer.status_code == 503 and answer["Retry-After"] == "60" and middleware.BUSY in text


def test_large_bodies_leave_threads_for_other_pages(client: Client, runner: Enrollment) -> None:
    assert 1 <= middleware.LARGE_AT_ONCE < gunicorn_conf.threads / 2
    refused: list[Any] = []

    class WithOthers(Counted):
        """A body that is being read while others come in."""

        def read(self, size: int | None = -1) -> bytes:
            if not refused:
                refused.append(send(client, "/log/import/", 3_000_000, late))
                refused.append(client.post("/log/import/", {}))
            return super().read(size)

    late = Counted(b"x" * 3_000_000)
    with contextlib.ExitStack() as places:
        for _ in range(middleware.LARGE_AT_ONCE - 1):
            middleware.LARGE_PLACES.acquire()
            places.callback(middleware.LARGE_PLACES.release)
        form = encode_multipart(BOUNDARY, {"activities": SimpleUploadedFile("run.tcx", b"x" * 3_000_000)})
        assert send(client, "/log/import/", len(form), WithOthers(form)).status_code == 422
    assert is_busy(refused[0])
    assert late.got == 0
    assert refused[1].status_code == 422, "a form of ordinary size needs no place"


def test_an_account_sends_one_large_body_at_a_time_to_all_processes(
    client: Client, runner: Enrollment
) -> None:
    user = runner.seat.user
    assert user is not None
    request = HttpRequest()
    request.user = user
    other_process = middleware.LargeBodyLease(request)
    assert other_process.take()
    body = Counted(b"x" * 3_000_000)
    assert is_busy(send(client, "/log/import/", 3_000_000, body))
    assert body.got == 0
    other_process.give_back()
    large = {"activities": SimpleUploadedFile("run.tcx", b"x" * 3_000_000)}
    assert client.post("/log/import/", large).status_code == 422


def test_a_large_body_gives_its_place_back_however_it_ends(
    client: Client, runner: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Counted):
        def read(self, size: int | None = -1) -> bytes:
            raise TimeoutError("the request's body comes too slowly")

    def fault(*args: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    for _ in range(middleware.LARGE_AT_ONCE + 1):
        assert send(client, "/log/import/", 3_000_000, Broken()).status_code == 408
    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", fault)
    for _ in range(middleware.LARGE_AT_ONCE + 1):
        with pytest.raises(OSError, match="Input/output"):
            client.post("/log/import/", {"activities": SimpleUploadedFile("run.tcx", b"x" * 3_000_000)})
    monkeypatch.undo()
    large = {"activities": SimpleUploadedFile("run.tcx", b"x" * 3_000_000)}
    assert client.post("/log/import/", large).status_code == 422
    assert cache.get(f"large-body:{runner.seat.user_id}") is None


def test_a_body_that_takes_longer_than_the_lease_renews_it(
    client: Client, runner: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, holders = f"large-body:{runner.seat.user_id}", set()
    monkeypatch.setattr(middleware.LargeBodyLease, "RENEW_AFTER_S", 0)

    class Slow(Counted):
        """A body whose lease is about to end whenever a piece comes."""

        def read(self, size: int | None = -1) -> bytes:
            holders.add(cache.get(key))
            cache.touch(key, 1)
            return super().read(size)

    form = encode_multipart(BOUNDARY, {"activities": SimpleUploadedFile("run.tcx", b"x" * 3_000_000)})
    lives: set[int] = set()
    fill = TemporaryFileUploadHandler.receive_data_chunk

    def look(handler: TemporaryFileUploadHandler, raw_data: bytes, start: int) -> None:
        with redis.from_url(settings.CACHE_URL) as server:
            lives.add(server.ttl(cache.make_key(key)))
        fill(handler, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", look)
    assert send(client, "/log/import/", len(form), Slow(form)).status_code == 422
    assert lives <= {middleware.LargeBodyLease.SECONDS, middleware.LargeBodyLease.SECONDS - 1}
    assert len(holders) == 1


def test_without_a_cache_a_large_body_is_taken(
    client: Client, runner: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any) -> None:
        raise redis.ConnectionError

    for name in ("add", "get", "touch"):
        monkeypatch.setattr(f"challenge.pages.middleware.cache.{name}", away)
    form = {"activities": SimpleUploadedFile("run.tcx", b"x" * 3_000_000)}
    assert client.post("/log/import/", form).status_code == 422


def test_a_form_that_is_cut_off_is_answered_with_a_page(client: Client) -> None:
    class Broken(Counted):
        def read(self, size: int | None = -1) -> bytes:
            raise TimeoutError("the request's body comes too slowly")

    for kind in (MULTIPART_CONTENT, "application/x-www-form-urlencoded"):
        answer = send(client, "/accounts/login/", 5000, Broken(), kind)
        assert answer.status_code == 408
        assert "Nothing was saved" in answer.content.decode()


def test_a_full_folder_for_uploads_is_ours_to_say(
    client: Client, runner: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", full)
    answer = client.post("/log/import/", {"activities": SimpleUploadedFile("run.tcx", b"x" * 3_000_000)})
    assert answer.status_code == 503


@pytest.mark.parametrize("length", ["", "x", "-1", "1e9", "٣"])
def test_a_length_that_is_no_number_is_no_error(client: Client, length: str) -> None:
    assert client.post("/accounts/login/", {}, CONTENT_LENGTH=length).status_code < 500


def test_every_form_with_a_file_field_goes_to_a_view_that_takes_files() -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    found = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.html")
        if re.search("multipart/form-data", path.read_text())
    }
    assert found == set(MULTIPART_FORMS)
    for path in (*MULTIPART_FORMS.values(), "/join/preview/running/"):
        assert hasattr(resolve(path).func, "most_bytes"), path


def read_all(patient: gunicorn_conf.PatientSocket) -> None:
    while patient.recv(1024):
        pass


def test_a_body_that_trickles_is_given_up_and_one_that_flows_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gunicorn_conf, "BODY_PATIENCE_S", 0.3)
    ours, theirs = socket.socketpair()
    done = threading.Event()

    def trickle() -> None:
        while not done.wait(0.05):
            theirs.sendall(b"x")

    patient = gunicorn_conf.PatientSocket(ours)
    sender = threading.Thread(target=trickle)
    sender.start()
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        read_all(patient)
    done.set()
    sender.join()
    assert time.monotonic() - begun < 5
    assert ours.gettimeout() is None

    patient = gunicorn_conf.PatientSocket(ours)
    for _ in range(8):  # 0.4 s: longer than the patience, and fast enough
        theirs.sendall(b"x" * 4096)
        time.sleep(0.05)
        assert patient.recv(65536)
    ours.close()
    theirs.close()
