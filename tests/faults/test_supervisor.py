"""`make run` ends whole, however it ends: no process stays, no data are lost, the next start works."""

import ast
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.project import SOURCE, Project, Run, copied_project, until
from tests.prepared import lay_out
from thrive.devserver import build_stamps
from thrive.devserver.children import Children
from thrive.devserver.lock import only_one
from thrive.devserver.servers import PostgresServer, ValkeyServer
from thrive.devserver.supervisor import RUNS_AT_LEAST_S

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes by /proc")


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    """Prepared, so that each test has the start of an ordinary day; without the demo cohort."""
    with copied_project() as copy:
        var = copy.folder / "var"
        var.mkdir()
        lay_out(var)
        shutil.copytree(SOURCE / "var" / "static", var / "static")
        stamps = {name: build_stamps.digest(name) for name in build_stamps.SOURCES} | {"demo": "made"}
        (var / "stamps").mkdir()
        for name, stamp in stamps.items():
            (var / "stamps" / name).write_text(stamp)
        with servers_of(copy), copy.connect() as connection:
            connection.execute("CREATE TABLE kept (number integer)")
        yield copy


@contextlib.contextmanager
def servers_of(project: Project) -> Iterator[None]:
    """Run the servers alone on the data of the project."""
    var = project.folder / "var"
    with only_one(var, "a test") as held, contextlib.closing(Children(held)) as children:
        PostgresServer(var, children).start()
        ValkeyServer(var, children).start()
        yield
    until(project.is_empty, "all processes end")


def ctrl_c(run: Run) -> None:
    """What a terminal sends: the signal to its whole foreground group."""
    os.killpg(run.make.pid, signal.SIGINT)


def write_row(project: Project) -> int:
    """Add a row that must survive; the rows there are now."""
    with project.connect() as connection:
        connection.execute("INSERT INTO kept VALUES (1)")
        return count_rows(project)


def count_rows(project: Project) -> int:
    with project.connect() as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
        assert row
        return int(row[0])


def assert_starts_again(project: Project, rows: int) -> None:
    """Nothing runs; the servers start on the same data, and the next test starts the whole program on them."""
    until(project.is_empty, f"all processes end: {project.processes()}")
    with servers_of(project):
        assert count_rows(project) == rows


def test_ctrl_c_stops_everything(project: Project) -> None:
    run = project.start_up()
    rows = write_row(project)
    ctrl_c(run)
    assert run.end() != 0  # make reports that it was interrupted
    assert "Stopping" in run.text()
    assert not (project.folder / "var" / "postgres" / "postmaster.pid").exists()
    assert_starts_again(project, rows)


@pytest.mark.deep
def test_term_to_make_stops_everything(project: Project) -> None:
    run = project.start_up()
    rows = write_row(project)
    run.make.terminate()
    run.end()
    assert_starts_again(project, rows)


def test_kill_9_of_the_supervisor_leaves_no_process(project: Project) -> None:
    run = project.start_up()
    rows = write_row(project)
    os.kill(project.process("thrive.devserver.supervisor"), signal.SIGKILL)
    assert run.end() != 0
    assert_starts_again(project, rows)


@pytest.mark.deep
def test_a_start_right_after_kill_9_waits_for_the_reaper(project: Project) -> None:
    run = project.start_up()
    rows = write_row(project)
    os.kill(project.process("thrive.devserver.supervisor"), signal.SIGKILL)
    run.end()
    again = project.start_up()
    assert count_rows(project) == rows
    again.make.terminate()
    again.end()
    until(project.is_empty, "all processes end")


@pytest.mark.deep
def test_kill_9_of_make_leaves_no_process(project: Project) -> None:
    run = project.start_up()
    rows = write_row(project)
    run.make.kill()
    run.end()
    assert_starts_again(project, rows)


def test_kill_9_of_postgres_is_reported_and_stops_everything(project: Project) -> None:
    run = project.start_up()
    rows = write_row(project)
    os.kill(project.process("bin/postgres", "-D"), signal.SIGKILL)
    assert run.end() != 0
    assert "PostgreSQL ended by itself (by SIGKILL), so everything is stopped" in run.text()
    assert_starts_again(project, rows)


def test_a_worker_and_a_beat_that_end_are_started_again(project: Project) -> None:
    run = project.start_up()
    rows = write_row(project)
    since = time.monotonic()  # one that ends sooner is reported as one that cannot run
    until(lambda: time.monotonic() - since > RUNS_AT_LEAST_S, "worker and beat are old enough")
    for name in ("worker", "beat"):
        before = project.process("celery", f" {name} ")
        os.kill(before, signal.SIGKILL)
        until(partial(is_started_again, project, run, name), f"{name} is started again")
    assert run.make.poll() is None
    ctrl_c(run)
    run.end()
    assert_starts_again(project, rows)


def is_started_again(project: Project, run: Run, name: str) -> bool:
    commands = project.processes().values()
    return f"The {name} ended by itself" in run.text() and any(
        "celery" in command and f" {name} " in command for command in commands
    )


def test_a_second_start_reports_that_it_runs_already(project: Project) -> None:
    run = project.start_up()
    second = project.start()
    assert second.end() != 0
    assert f"It runs already at http://localhost:{project.port}" in second.text()
    assert run.make.poll() is None
    run.make.terminate()
    run.end()
    until(project.is_empty, "all processes end")


def test_a_taken_port_is_one_sentence(project: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = project.start(PORT=str(taken.getsockname()[1]))
        assert run.end() != 0
    assert sentences(run) == [
        f"Port {taken_port(run)}: address already in use; choose another, as in make run PORT=8001."
    ]
    until(project.is_empty, "all processes end")


def taken_port(run: Run) -> str:
    return run.text().split("Port ")[1].split(":")[0]


def sentences(run: Run) -> list[str]:
    """Return the output without make's own line."""
    return [line for line in run.text().splitlines() if line and not line.startswith("make")]


OTHER_PORTS = [pytest.param(port, marks=pytest.mark.deep) for port in ("0", "-1")]


@pytest.mark.parametrize("port", ["http", "65536", *OTHER_PORTS])
def test_an_invalid_port_is_answered_in_one_sentence(project: Project, port: str) -> None:
    run = project.start(PORT=port)
    assert run.end() != 0
    assert sentences(run) == [f"PORT is {port}, which is not a port: write a number such as 8000."]


def test_a_read_only_folder_is_one_sentence() -> None:
    with copied_project() as project:
        project.folder.chmod(0o555)
        run = project.start(obedient=True)
        assert run.end() != 0
        assert sentences(run) == [
            f"{project.folder}/var cannot be written (Permission denied): use a folder of your own."
        ]
        project.folder.chmod(0o755)


def test_an_old_python_is_one_sentence(project: Project, tmp_path: Path) -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 8, 18, 'final', 0); sys.argv = sys.argv[1:]"
    old = tmp_path / "python3"
    old.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "{pretend}; runpy.run_path(sys.argv[0], run_name=\'__main__\')" "$@"\n'
    )
    old.chmod(0o755)
    run = project.start(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert run.end() != 0
    said = sentences(run)
    assert len(said) == 1
    assert said[0].startswith("Python 3.11 to 3.14 is needed and ")


def test_an_old_python_can_read_the_file_that_refuses_it() -> None:
    ast.parse((SOURCE / "thrive" / "devserver" / "bootstrap.py").read_text(), feature_version=(3, 5))


def test_kill_9_of_the_command_with_services_leaves_no_server_and_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    ready = folder / "ready"
    command = [
        "sh",
        "-c",
        'echo "$REDIS_URL" > "$1.part"; mv "$1.part" "$1"; exec sleep 600',
        "sh",
        str(ready),
    ]
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    process = subprocess.Popen(
        [sys.executable, "-m", "thrive.devserver.local", "with-services", "--", *command],
        cwd=SOURCE,
        env=environment | {"TMPDIR": "/tmp", "THRIVE_FOLDER": str(folder)},
    )
    until(ready.exists, "the command runs")
    process.kill()
    process.wait()
    until(Project(folder).is_empty, "all processes end")
    server_folder = Path(urlsplit(ready.read_text().strip()).path).parent.parent
    until(lambda: not server_folder.exists(), f"{server_folder} is removed")
