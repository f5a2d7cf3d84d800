"""A Docker engine of its own for `installation.py`, and stand-ins for the public images.

Where DOCKER_HOST names an engine, that one is used. Otherwise the engine is Debian's, started here as root with all
its data in one folder and stopped at the end. Where it cannot start, EngineMissing says why: the stage fails and is
never skipped.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
MIRROR = "http://deb.debian.org/debian"
STARTS_WITHIN_S = 60.0
PASSED_ON = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG")
PACKAGES = {"dockerd": "docker.io", "docker": "docker.io", "iptables": "iptables", "mmdebstrap": "mmdebstrap"}
# Debian 12 has no Compose plugin of version 2; that of Debian 13 runs there too.
PLUGINS_FROM, PLUGINS = "trixie", ("docker-compose", "docker-buildx")
STAND_INS = {
    "python:3.14-slim-trixie": "python",
    "debian:trixie-slim": "system",
    "postgres:18-trixie": "postgres",
    "postgres:18": "postgres",
    "redis:8": "redis",
    "caddy:2.11": "caddy",
    "standin:mail": "mail",
}


class EngineMissing(Exception):
    """There is no Docker engine; the message is one sentence about what was tried."""


@contextlib.contextmanager
def docker_engine(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the environment in which `docker compose` works, with every image of STAND_INS built."""
    with contextlib.ExitStack() as stack:
        # Nothing else of this process: Compose prefers SITE_URL of its environment to that of the .env.
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        if "DOCKER_HOST" not in environment:
            _install_packages()
            environment |= {"DOCKER_HOST": stack.enter_context(_own_engine(folder))}
            environment |= {"DOCKER_CONFIG": str(_plugins(folder))}
        _run("docker", "compose", "version", env=environment)
        _build_stand_ins(folder, environment)
        yield environment


def _install_packages() -> None:
    missing = sorted({package for program, package in PACKAGES.items() if shutil.which(program) is None})
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise EngineMissing(
            "A Docker engine starts only as root on Debian: run make deep so, or set DOCKER_HOST."
        )
    if not missing:
        return
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:  # the package must not start an engine on this machine's own folders
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        _run("apt-get", "-qq", "update")
        _run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", *missing)
    finally:
        if ours:
            policy.unlink()


@contextlib.contextmanager
def _own_engine(folder: Path) -> Iterator[str]:
    address, log = f"unix://{folder}/docker.sock", folder / "dockerd.log"
    places = {"--data-root": "data", "--exec-root": "run", "--pidfile": "dockerd.pid"}
    command = [
        "dockerd",
        "--host",
        address,
        *(part for k, v in places.items() for part in (k, str(folder / v))),
    ]
    with log.open("w") as written:
        engine = subprocess.Popen(command, stdout=written, stderr=written)
    try:
        _wait_for(address, engine, log)
        yield address
    finally:
        engine.terminate()
        engine.wait(60)
        shutil.rmtree(folder / "data", ignore_errors=True)


def _wait_for(address: str, engine: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + STARTS_WITHIN_S
    while subprocess.run(["docker", "--host", address, "info"], capture_output=True, check=False).returncode:
        if engine.poll() is not None or time.monotonic() > ends:
            words = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise EngineMissing(f"Docker cannot start on this machine: {' '.join(words)}")
        time.sleep(0.2)


def _plugins(folder: Path) -> Path:
    """Unpack the plugins from Debian's packages into a configuration folder of Docker; return that folder."""
    apt, plugins = folder / "apt", folder / "config" / "cli-plugins"
    for path in (apt / "lists", apt / "cache", plugins):
        path.mkdir(parents=True)
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (apt / "list").write_text(f"deb [signed-by={keys}] {MIRROR} {PLUGINS_FROM} main\n")
    options = {
        "Dir::Etc::SourceList": apt / "list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": apt / "lists",
        "Dir::Cache": apt / "cache",
        "APT::Sandbox::User": "root",
    }
    apt_get = ["apt-get", "-qq", *(part for k, v in options.items() for part in ("-o", f"{k}={v}"))]
    _run(*apt_get, "update")
    _run(*apt_get, "download", *PLUGINS, cwd=apt)
    for package in apt.glob("*.deb"):
        _run("dpkg-deb", "--extract", str(package), str(apt))
    for program in (apt / "usr/libexec/docker/cli-plugins").iterdir():
        program.rename(plugins / program.name)
    return plugins.parent


def _build_stand_ins(folder: Path, environment: dict[str, str]) -> None:
    base = subprocess.run(
        ["docker", "image", "inspect", "standin:debian"], env=environment, capture_output=True, check=False
    )
    if base.returncode:
        root = folder / "debian.tar"
        certificates = (
            "/etc/ssl/certs/ca-certificates.crt"  # those that this machine reaches the registries with
        )
        _run(
            "mmdebstrap", "--variant=minbase", "--include=ca-certificates",
            '--aptopt=Acquire::Check-Valid-Until "false"', f"--customize-hook=copy-in {certificates} /etc/ssl/certs",
            "testing", str(root), MIRROR,
        )  # fmt: skip
        _run("docker", "import", str(root), "standin:debian", env=environment)
        root.unlink()
    for image, target in STAND_INS.items():
        _run(
            "docker",
            "buildx",
            "build",
            "--quiet",
            "--target",
            target,
            "--tag",
            image,
            str(HERE),
            env=environment,
        )


def _run(*command: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineMissing(f"{' '.join(command[:3])} failed: {(done.stderr or done.stdout).strip()[-500:]}")
