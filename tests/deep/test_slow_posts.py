"""Two dozen slow senders behind each proxy of `deploy/`, as Debian packages it: all others are served all the while.

A sender gives six kilobytes of a form and then a byte every two seconds. The same against a proxy without a
buffer shows the stall that the buffer prevents, and that the program ends it by itself. A signed-in sender gives more
than the buffer holds and then more than the slowest speed allowed, which no proxy and no patience ends.
"""

import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.program import Program, eventually, free_port, running_program

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PACKAGES = {"caddy": "caddy", "nginx": "nginx-light", "openssl": "openssl"}
SENDERS, FIRST, BEAT_S, SECONDS = 24, 6000, 2.0, 20.0
SERVED_WITHIN_S = 5.0
# More than Caddy's buffer at once, then 20 KB a second: faster than gunicorn_conf.SLOWEST_BYTES_PER_S.
SIGNED_SENDERS, SIGNED_FIRST, SIGNED_PIECE, SIGNED_BEAT_S = 10, 2_400_000, 10_000, 0.5
SIGN_IN = """
from django.test import Client
from tests.factories.cohorts import enroll
client = Client()
client.force_login(enroll().seat.user)
print(client.cookies.output(header="", attrs=[]).strip())
"""
PAGES = ("/", "/accounts/login/", "/health/live/")
LARGE = "s more than this page can take"  # the page has a curly apostrophe, the proxies a plain one
NO_BUFFER = """
{$SITE_ADDRESS} {
	reverse_proxy {$UPSTREAM}
}
"""
AROUND_NGINX = """
daemon off; worker_processes 1; pid PID; error_log LOG;
events { worker_connections 512; }
http { access_log off; client_body_temp_path BODIES; proxy_temp_path ANSWERS; include SITE; }
"""
pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
def packages() -> None:
    """Installs what is missing; a proxy's package must not start it on this machine's own ports."""
    missing = [package for command, package in PACKAGES.items() if shutil.which(command) is None]
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.fail(
            f"This needs Debian's packages {names}: install them, or run make deep as root on Debian."
        )
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        for command in ("update", f"install --yes --no-install-recommends {names}"):
            done = subprocess.run(
                ["apt-get", "-qq", *command.split()],
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                pytest.fail(f"apt-get could not install {names}: {done.stderr.strip()[-500:]}")
    finally:
        if ours:
            policy.unlink()


@dataclass
class Proxy:
    """A running proxy on loopback."""

    port: int
    tls: bool
    host: str

    def connect(self, timeout_s: float) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s)
        if not self.tls:
            return line
        context = ssl._create_unverified_context()
        return context.wrap_socket(line, server_hostname="localhost")

    def ask(self, head: str, body: bytes = b"", timeout_s: float = 10) -> tuple[int, str]:
        """Status and text of one answer; raises OSError where none comes in time."""
        with contextlib.closing(self.connect(timeout_s)) as line:
            line.sendall(f"{head}\r\nHost: {self.host}\r\nConnection: close\r\n".encode())
            line.sendall(f"Content-Length: {len(body)}\r\n\r\n".encode() if body else b"\r\n")
            with contextlib.suppress(OSError):  # answered and closed before it took everything
                line.sendall(body)
            got = bytearray()
            while piece := line.recv(65536):
                got += piece
                if body and LARGE.encode() in got:
                    break
        return int(got.split(None, 2)[1]), got.decode(errors="replace")


@dataclass
class SlowSenders:
    """Connections that never finish their form."""

    lines: list[socket.socket] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    cut_off: int = 0
    threads: list[threading.Thread] = field(default_factory=list)
    refused: int = 0

    def begin_signed_in(self, proxy: Proxy, cookie: str) -> None:
        """Begin senders of one account that come back as soon as they are cut off."""
        head = (
            f"POST /log/import/ HTTP/1.1\r\nHost: {proxy.host}\r\nCookie: {cookie}\r\nContent-Length: 100000000\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; "
            'name="activities"; filename="run.tcx"\r\nContent-Type: application/xml\r\n\r\n'
        )
        for _ in range(SIGNED_SENDERS):
            thread = threading.Thread(target=self._send_for_ever, args=(proxy, head.encode()), daemon=True)
            thread.start()
            self.threads.append(thread)

    def _send_for_ever(self, proxy: Proxy, head: bytes) -> None:
        while not self.ended.is_set():
            with contextlib.suppress(OSError), contextlib.closing(proxy.connect(5)) as line:
                line.sendall(head + b"a" * SIGNED_FIRST)
                while not self.ended.wait(SIGNED_BEAT_S):
                    line.sendall(b"a" * SIGNED_PIECE)
            self.refused += 1
            self.ended.wait(SIGNED_BEAT_S)

    def begin(self, proxy: Proxy, path: str, first: int = FIRST) -> None:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {proxy.host}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            "Content-Length: {length}\r\n\r\n"
        ).format(length=max(1_000_000, 10 * first))
        for _ in range(SENDERS):
            line = proxy.connect(30)
            line.sendall(head.encode() + b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n')
            with contextlib.suppress(OSError):
                line.sendall(b"a" * first)
            self.lines.append(line)
        threading.Thread(target=self._trickle, daemon=True).start()

    def _trickle(self) -> None:
        gone: set[socket.socket] = set()
        while not self.ended.wait(BEAT_S):
            for line in self.lines:
                try:
                    line.sendall(b"a")
                except OSError:
                    gone.add(line)
            self.cut_off = len(gone)

    def end(self) -> None:
        self.ended.set()
        for line in self.lines:
            line.close()
        for thread in self.threads:
            thread.join(10)


@pytest.fixture(scope="module")
def program(packages: None) -> Iterator[Program]:
    with running_program(parts=("web",), TRUSTED_PROXY_COUNT="1") as running:
        yield running


@pytest.fixture(scope="module")
def cookie(program: Program) -> str:
    """Return the session cookie of a signed-in runner."""
    return program.shell(SIGN_IN).strip().splitlines()[-1]


@contextlib.contextmanager
def running(command: list[str], proxy: Proxy, environment: dict[str, str], log: Path) -> Iterator[Proxy]:
    with log.open("w") as written:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=written, stderr=written)
    try:
        eventually(lambda: _answers(proxy, process, log), what="the proxy answers")
        yield proxy
    finally:
        process.terminate()
        process.wait(30)


def _answers(proxy: Proxy, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()[-2000:]
    with contextlib.suppress(OSError):
        return proxy.ask("GET /health/live/ HTTP/1.1")[0] == 200
    return False


def port_of(program: Program) -> str:
    return program.url.rsplit(":", 1)[1]


def caddy_is_new() -> bool:
    """Return whether this Caddy is of 2.11 or later: its buffer has another name and survives a second try."""
    version = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    number = re.match(r"v?(\d+)\.(\d+)", version)
    assert number, f"caddy version says {version!r}"
    return (int(number[1]), int(number[2])) >= (2, 11)


def caddy(
    program: Program, folder: Path, text: str | None = None, second: Program | None = None
) -> AbstractContextManager[Proxy]:
    """Caddy with the file as it is; only its host name and where the program is come from the environment."""
    proxy = Proxy(free_port(), tls=False, host="localhost")
    file = folder / "Caddyfile"
    file.write_text(text or (DEPLOY / "Caddyfile").read_text())
    environment = {
        "SITE_ADDRESS": f"http://localhost:{proxy.port}",
        "UPSTREAM": " ".join(f"127.0.0.1:{port_of(web)}" for web in (program, second) if web),
        "CADDY_ADMIN": f"127.0.0.1:{free_port()}",
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    if caddy_is_new():  # as docker-compose.yml
        environment |= {"BUFFER": "request_buffers 2MiB", "BUFFER_SIZE": ""}
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]
    return running(command, proxy, environment, folder / "caddy.log")


def nginx(program: Program, folder: Path, *, second: Program | None = None) -> AbstractContextManager[Proxy]:
    """nginx with the file in its `http` block; ports, program and certificate are those of this test."""
    proxy = Proxy(free_port(), tls=True, host="localhost")
    certificate = folder / "certificate"
    certificate.mkdir()
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    made += ["-keyout", str(certificate / "privkey.pem"), "-out", str(certificate / "fullchain.pem")]
    subprocess.run(made, check=True, capture_output=True)
    site = (DEPLOY / "nginx.conf").read_text()
    for old, new in {
        "listen 443 ssl": f"listen 127.0.0.1:{proxy.port} ssl",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        "127.0.0.1:8000": f"127.0.0.1:{port_of(program)}",
        "# server 127.0.0.1:8001;": f"server 127.0.0.1:{port_of(second)};" if second else "",
        "/etc/letsencrypt/live/challenge.example.org": str(certificate),
        "challenge.example.org": "localhost",
    }.items():
        assert old in site
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    around = re.sub(r"\b(PID|LOG|BODIES|ANSWERS)\b", lambda name: str(folder / name[0].lower()), AROUND_NGINX)
    main = folder / "main.conf"
    main.write_text(around.replace("SITE", str(folder / "site.conf")))
    folder.chmod(0o755)
    command = ["nginx", "-c", str(main), "-p", str(folder)]
    if os.geteuid() == 0:
        command += ["-g", "user root;"]  # its worker would else be another account, shut out of this folder
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    return running(command, proxy, {}, folder / "nginx.log")


def no_proxy(program: Program, folder: Path) -> AbstractContextManager[Proxy]:
    """gunicorn itself, without anything in front of it."""
    return contextlib.nullcontext(Proxy(int(port_of(program)), tls=False, host="localhost"))


PROXIES: dict[str, Callable[[Program, Path], AbstractContextManager[Proxy]]] = {
    "caddy": caddy,
    "nginx": nginx,
}


def watch(proxy: Proxy, seconds: float) -> list[float]:
    """How long each ordinary page takes, one after another; fails at the first that is not served in time."""
    times: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path in PAGES:
            begun = time.monotonic()
            status, _ = proxy.ask(f"GET {path} HTTP/1.1", timeout_s=SERVED_WITHIN_S)
            assert status == 200
            times.append(time.monotonic() - begun)
        time.sleep(0.2)
    return times


def say(capsys: pytest.CaptureFixture[str], sentence: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{sentence}\n")


@pytest.mark.parametrize("name", sorted(PROXIES))
@pytest.mark.parametrize("path", ["/accounts/login/", "/log/import/"])
def test_slow_senders_delay_no_one(
    name: str, path: str, program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with PROXIES[name](program, tmp_path) as proxy:
        senders = SlowSenders()
        try:
            senders.begin(proxy, path)
            times = watch(proxy, SECONDS)
        finally:
            senders.end()
    say(capsys, f"{name}, {SENDERS} slow POSTs to {path}: {len(times)} pages, longest {max(times):.2f} s")


def test_a_sender_of_more_than_the_buffer_holds_is_turned_away_and_delays_no_one(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Caddy keeps two megabytes: behind them a stranger's files reach the program, which reads none of them."""
    with caddy(program, tmp_path) as proxy:
        senders = SlowSenders()
        try:
            senders.begin(proxy, "/log/import/", first=2_500_000)
            times = watch(proxy, SECONDS)
        finally:
            senders.end()
    say(capsys, f"caddy, {SENDERS} slow POSTs of 2.5 MB: {len(times)} pages, longest {max(times):.2f} s")


@pytest.mark.parametrize("name", [*sorted(PROXIES), "gunicorn"])
def test_a_runner_who_sends_slowly_holds_no_more_than_one_thread(
    name: str, program: Program, cookie: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All threads would wait for minutes: twenty kilobytes a second are too fast to be cut off."""
    around = {**PROXIES, "gunicorn": no_proxy}[name]
    with around(program, tmp_path) as proxy:
        senders = SlowSenders()
        try:
            senders.begin_signed_in(proxy, cookie)
            times = watch(proxy, SECONDS)
        finally:
            senders.end()
    say(
        capsys,
        f"{name}, {SIGNED_SENDERS} slow senders of one account: {len(times)} pages, longest {max(times):.2f} s, "
        f"{senders.refused} uploads ended",
    )


@pytest.mark.parametrize("name", sorted(PROXIES))
def test_what_is_too_large_is_refused_with_a_sentence(name: str, program: Program, tmp_path: Path) -> None:
    with PROXIES[name](program, tmp_path) as proxy:
        form = "HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x"
        status, text = proxy.ask(f"POST /accounts/login/ {form}", b"x" * 2_200_000)
        assert (status, LARGE in text) == (413, True)
        status, text = proxy.ask(f"POST /log/import/ {form}", b"x" * 2_200_000)
        assert status == 302, "a stranger is asked to sign in"


def test_without_a_buffer_they_stop_every_page_until_the_program_cuts_them_off(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The negative control, and what is left where a proxy has no buffer."""
    with caddy(program, tmp_path, NO_BUFFER) as proxy:
        senders = SlowSenders()
        begun = time.monotonic()
        try:
            senders.begin(proxy, "/accounts/login/")
            with pytest.raises(OSError):
                watch(proxy, SECONDS)
            eventually(lambda: _well(proxy), within_s=120, what="the slow senders are cut off")
        finally:
            senders.end()
    say(capsys, f"without a buffer: no page for {time.monotonic() - begun:.0f} s, then all again")


def _well(proxy: Proxy) -> bool:
    with contextlib.suppress(OSError):
        return proxy.ask("GET / HTTP/1.1", timeout_s=SERVED_WITHIN_S)[0] == 200
    return False
