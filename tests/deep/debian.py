"""README's two commands on clean Debian systems, and the first stage of the suite on the newest Python and Django.

Each Debian is a folder made by mmdebstrap, entered with chroot in a mount namespace of its own, so this needs root on
Debian or Ubuntu. Where that is not to be had, it fails with a sentence. Names choose: `... testing`.
"""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from tests.program import free_port
from tests.stages import APART

ROOT = Path(__file__).resolve().parents[2]
SUITES = {"bookworm": "3.11", "trixie": "3.13", "testing": "3.14"}
NEWEST = "testing"
PACKAGES = "python3,python3-venv,make,git,ca-certificates"
NEXT_DJANGO = "Django>=6.1,<6.2"
FIRST_PAGE_WITHIN_S = 900
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
ENTER = (
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" env --chdir=/src "$@"'
)
FIRST_STAGE = (
    *(".venv/bin/python", "-m", "tests.prepared"),
    *(".venv/bin/python", "-m", "pytest", "-q", "-p", "tests.failures_at_once", "-n", "2", "tests"),
    *(f"--ignore={folder}" for folder in APART),
)


def make_root(suite: str, folder: Path) -> Path:
    """Return a folder with a clean Debian and a clone of the last commit in /src."""
    root = folder / suite
    options = ["--variant=apt", '--aptopt=Acquire::Check-Valid-Until "false"', f"--include={PACKAGES}"]
    subprocess.run(["mmdebstrap", "--quiet", *options, suite, root], check=True)
    for path in ("etc/resolv.conf", CERTIFICATES):  # a network with a proxy has an authority of its own
        with suppress(FileNotFoundError):
            shutil.copyfile(f"/{path}", root / path)
    subprocess.run(["git", "clone", "--quiet", ROOT, root / "src"], check=True)
    return root


def inside(root: Path, *command: str, **variables: str) -> list[str]:
    """Return the command line that runs a command in /src of this Debian, with nothing of our environment."""
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
    clean |= {"PIP_CERT": f"/{CERTIFICATES}", "SSL_CERT_FILE": f"/{CERTIFICATES}"} | variables
    pairs = [f"{name}={value}" for name, value in clean.items()]
    return ["unshare", "--mount", "--kill-child", "sh", "-c", ENTER, str(root), "-i", *pairs, *command]


def answers(port: int) -> bool:
    """Return whether the program answers at this port with its first page."""
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection("localhost", port)) as web,
    ):
        web.request("GET", "/")
        return web.getresponse().status == http.HTTPStatus.OK
    return False


def seconds_to_the_first_page(root: Path) -> float:
    """Run `make run` on a fresh clone until its first page answers, stop it, and return the seconds."""
    port, start = free_port(), time.monotonic()
    with subprocess.Popen(inside(root, "make", "run", PORT=str(port)), start_new_session=True) as run:
        while not answers(port):
            if run.poll() is not None or time.monotonic() - start > FIRST_PAGE_WITHIN_S:
                break
            time.sleep(0.2)
        seconds = time.monotonic() - start
        answered = run.poll() is None and seconds <= FIRST_PAGE_WITHIN_S
        os.killpg(run.pid, signal.SIGINT)
    if not answered:
        raise subprocess.CalledProcessError(1, "make run")
    return seconds


def first_stage(root: Path) -> None:
    """Run the first stage of the suite, then again with the next Django; a deprecation is an error (pyproject.toml)."""
    subprocess.run(inside(root, "make", "dev"), check=True)
    subprocess.run(inside(root, *FIRST_STAGE), check=True)
    pip = (".venv/bin/python", "-m", "pip", "install", "--quiet", "--no-deps", NEXT_DJANGO)
    subprocess.run(inside(root, *pip), check=True)
    subprocess.run(inside(root, *FIRST_STAGE), check=True)


def main() -> int:
    """Return 1 if a Debian could not be made, a first page did not come or a test failed."""
    missing = [tool for tool in ("mmdebstrap", "unshare", "chroot") if not shutil.which(tool)]
    if os.geteuid() or missing:
        print(f"This needs root and {' and '.join(missing or ['Debian'])}: apt-get install mmdebstrap.")
        return 1
    failed = 0
    for suite, version in {name: SUITES[name] for name in sys.argv[1:] or SUITES}.items():
        with tempfile.TemporaryDirectory(prefix="thrive-debian-", dir="/tmp") as folder:
            Path(folder).chmod(0o755)  # the servers run as another account
            try:
                root = make_root(suite, Path(folder))
                print(
                    f"{suite}, Python {version}: first page after {seconds_to_the_first_page(root):.0f} s",
                    flush=True,
                )
                if suite == NEWEST:
                    first_stage(root)
            except subprocess.CalledProcessError as error:
                print(f"{suite}: {error}", flush=True)
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
