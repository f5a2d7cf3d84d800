"""The local PostgreSQL and Valkey: ghosts, long paths, closed folders, and data that stay."""

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from thrive.devserver import build_stamps, supervisor
from thrive.devserver.addresses import Addresses, addresses_in, broker_url, socket_folder
from thrive.devserver.children import Children
from thrive.devserver.servers import LocalServerError, PostgresServer, ValkeyServer, server_account

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that the servers' account can reach (pytest's own are closed to others)."""
    top = Path(tempfile.mkdtemp(prefix="thrive-servers-", dir="/tmp"))
    top.chmod(0o755)
    yield top
    for inner in (top, *top.iterdir()):
        if not socket_folder(inner).is_relative_to(top):
            shutil.rmtree(socket_folder(inner), ignore_errors=True)
    shutil.rmtree(top)


@pytest.fixture
def children(folder: Path) -> Iterator[Children]:
    with contextlib.closing(Children()) as started:
        yield started


def connect(found: Addresses) -> psycopg.Connection:
    return psycopg.connect(found.database_url, autocommit=True)


def test_a_left_over_pid_file_is_deleted_and_its_process_left_alone(folder: Path, children: Children) -> None:
    server = PostgresServer(folder, children)
    server.start()
    server.stop()
    account = server_account()
    innocent = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    try:
        ghost = f"{innocent.pid}\n{server.data}\n0\n5432\n{server.sockets}\n\n0 0\nready\n"
        (server.data / "postmaster.pid").write_text(ghost)
        server.sockets.mkdir(exist_ok=True)
        (server.sockets / ".s.PGSQL.5432.lock").write_text(ghost)
        server.start()
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_a_path_too_long_for_a_socket_gets_a_short_folder(folder: Path, children: Children) -> None:
    deep = folder / ("long" * 30)
    deep.mkdir()
    PostgresServer(deep, children, durable=False).start()
    ValkeyServer(deep, children, durable=False).start()
    found = addresses_in(deep)
    with connect(found) as connection:
        connection.execute("SELECT 1")
    assert redis.Redis.from_url(found.redis_url).ping()
    assert not (deep / "run").exists()
    assert stat.S_IMODE(socket_folder(deep).stat().st_mode) == 0o700


def test_a_path_with_spaces_quotes_and_commas_works(folder: Path, children: Children) -> None:
    odd = folder / 'the "clinic", oürs'
    odd.mkdir()
    PostgresServer(odd, children, durable=False).start()
    ValkeyServer(odd, children, durable=False).start()
    with connect(addresses_in(odd)) as connection:
        connection.execute("SELECT 1")
    assert redis.Redis.from_url(addresses_in(odd).redis_url).ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another account")
def test_root_in_a_closed_folder_is_one_sentence_and_no_chmod(folder: Path, children: Children) -> None:
    folder.chmod(0o700)
    closed = folder / "var"
    closed.mkdir()
    with pytest.raises(
        LocalServerError, match=r"who cannot reach .*: use a folder that every user may enter"
    ):
        PostgresServer(closed, children).start()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_interrupted_first_start_is_taken_up_again(folder: Path, children: Children) -> None:
    half = folder / "postgres.part"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    PostgresServer(folder, children, durable=False).start()
    assert not half.exists()


def test_data_of_another_version_are_one_sentence(folder: Path, children: Children) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(LocalServerError, match="is of PostgreSQL 17, not 18"):
        PostgresServer(folder, children).start()


def test_a_server_that_cannot_start_is_a_sentence_with_its_last_words(
    folder: Path, children: Children
) -> None:
    server = PostgresServer(folder, children, durable=False)
    server.start()
    server.stop()
    (server.data / "postgresql.conf").write_text("shared_buffers = nonsense\n")
    with pytest.raises(LocalServerError, match=r"PostgreSQL did not start: .*shared_buffers"):
        server.start()


def test_a_second_server_in_the_same_folder_is_refused(folder: Path, children: Children) -> None:
    for kind in (PostgresServer, ValkeyServer):
        kind(folder, children, durable=False).start()
        with pytest.raises(LocalServerError, match=r"Another .* is answering"):
            kind(folder, children, durable=False).start()


def test_what_is_in_the_queue_outlives_a_restart_and_is_never_evicted(
    folder: Path, children: Children
) -> None:
    server = ValkeyServer(folder, children)
    server.start()
    with redis.Redis.from_url(addresses_in(folder).redis_url) as client:
        client.rpush("celery", "a task")
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    server.stop()
    server.start()
    with redis.Redis.from_url(addresses_in(folder).redis_url) as client:
        assert client.lrange("celery", 0, -1) == [b"a task"]


@pytest.mark.parametrize(
    "start", ["import thrive.wsgi", "import django; django.setup()"], ids=["web", "demo"]
)
def test_a_process_that_is_no_worker_wakes_it_through_the_queue(
    folder: Path, children: Children, start: str
) -> None:
    """Without the program's Celery app, each wake-up would wait for a broker that is not there, and warn."""
    ValkeyServer(folder, children, durable=False).start()
    queue = addresses_in(folder).redis_url
    wake = f"{start}\nfrom challenge.mail.actions import wake_mailer\nwake_mailer()"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "thrive.settings", "REDIS_URL": queue}
    ended = subprocess.run(
        [sys.executable, "-c", wake], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "could not be woken" not in ended.stdout + ended.stderr
    with redis.Redis.from_url(queue) as client:
        assert client.llen("celery") == 1


def test_a_half_made_demo_cohort_is_thrown_away(
    folder: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_stamps, "STAMPS", folder / "stamps")
    monkeypatch.setattr(supervisor, "VAR", folder)
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    server = PostgresServer(folder, children, durable=False)
    server.start()
    with connect(addresses_in(folder)) as connection:
        connection.execute("CREATE TABLE half ()")
    server.stop()
    build_stamps.write("demo", "making")
    build_stamps.write("database", "digest")
    with (folder / "lock").open("w") as held:
        run = supervisor.Supervisor(held, port=8000)
        try:
            run.start_servers()
            with connect(addresses_in(folder)) as connection:
                assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)
        finally:
            run.stop()
    assert build_stamps.read("demo") == build_stamps.read("database") == ""


def test_the_queue_is_named_as_celery_wants_it() -> None:
    assert broker_url("unix:///a/b.sock?db=3") == "redis+socket:///a/b.sock?virtual_host=3"
    assert broker_url("redis://queue:6379/0") == "redis://queue:6379/0"
