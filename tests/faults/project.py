"""A copy of the project in a folder of its own, started with make, and every process that comes from it."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import cache_from_source
from pathlib import Path

import psycopg

from tests.program import eventually, free_port
from thrive.devserver.addresses import addresses
from thrive.devserver.reaper import is_running

SOURCE = Path(__file__).resolve().parents[2]
PATIENCE_S = 240.0  # a busy machine is no fault


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until the condition is true; fail the test with `what` if it never is."""
    eventually(true, within_s=PATIENCE_S, what=what)


def obey_rights() -> None:
    """Drop, for good, root's power to write where the rights say no."""
    drop_from_bounding_set, override_rights = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    ctypes.CDLL(None).prctl(drop_from_bounding_set, override_rights)


def as_in_a_terminal(*, obedient: bool) -> None:
    """Heed Ctrl-C, also where the tests run in the background of a shell, which ignores it for them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if obedient:
        obey_rights()


@dataclass
class Run:
    """One `make run`: make's process, alone in its session as in a terminal, and its output."""

    make: subprocess.Popen[bytes]
    said: Path

    def text(self) -> str:
        """All output so far."""
        return self.said.read_text()

    def end(self) -> int:
        """Wait for make; its exit code."""
        return self.make.wait(PATIENCE_S)


@dataclass
class Project:
    """A private copy of the working tree. Its processes are recognized by their folder."""

    folder: Path
    port: int = field(default_factory=free_port)
    runs: list[Run] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """What a bare terminal has, and the port."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"PORT": str(self.port), "THRIVE_FOLDER": str(self.folder)}

    def start(self, *, obedient: bool = False, **environment: str) -> Run:
        """Start `make run` and return immediately; with `obedient`, folder rights hold for root too."""
        said = self.folder.with_suffix(f".{time.monotonic_ns()}.log")
        with said.open("wb") as output:
            make = subprocess.Popen(
                ["make", "run"],
                cwd=self.folder,
                env=self.environment() | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: as_in_a_terminal(obedient=obedient),
            )
        self.runs.append(Run(make, said))
        return self.runs[-1]

    def start_up(self) -> Run:
        """Run `make run` and return when the web server answers and the address is printed."""
        run = self.start()
        until(lambda: "Ctrl-C" in run.text() or run.make.poll() is not None, "the program starts")
        assert run.make.poll() is None, run.text()
        return run

    def processes(self) -> dict[int, str]:
        """Every living process of this folder: by its environment, its command line or its working folder."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and is_running(int(entry.name)):
                with contextlib.suppress(OSError):
                    command = (entry / "cmdline").read_bytes()
                    cwd = os.fsencode(os.readlink(entry / "cwd"))
                    if os.fsencode(self.folder) in (entry / "environ").read_bytes() + command + cwd:
                        found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        return found

    def process(self, *words: str) -> int:
        """The eldest process whose command line has all of the words."""
        return min(pid for pid, command in self.processes().items() if all(word in command for word in words))

    def is_empty(self) -> bool:
        """Whether nothing of this folder runs."""
        return not self.processes()

    def connect(self) -> psycopg.Connection:
        """A connection to the running database."""
        return psycopg.connect(addresses(self.folder).database_url, autocommit=True)


def remove(project: Project) -> None:
    """End what a failed test left behind, then the folder."""
    for pid in project.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for run in project.runs:
        run.make.wait()
    shutil.rmtree(project.folder.parent, ignore_errors=True)


def copy_file(name: str, folder: Path) -> None:
    """Copy a file of the working tree, if it is there, with its time, by which Python knows what it compiled."""
    if (SOURCE / name).is_file():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(SOURCE / name, folder / name)


@contextlib.contextmanager
def copied_project() -> Iterator[Project]:
    """A copy that the servers' account can reach (pytest's own temporary folders are closed to others)."""
    top = Path(tempfile.mkdtemp(prefix="thrive-fault-", dir="/tmp"))
    top.chmod(0o755)
    project = Project(top / "project")
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    try:
        for name in filter(None, files.split("\0")):
            copy_file(name, project.folder)
            # Or each of its processes would compile everything.
            if name.endswith(".py") and not sys.pycache_prefix:
                copy_file(cache_from_source(name), project.folder)
        (project.folder / ".venv").symlink_to(sys.prefix)
        yield project
    finally:
        remove(project)
