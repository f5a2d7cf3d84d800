"""Make the virtual environment in .venv: `bootstrap.py base` to run the program, `bootstrap.py dev` to test it too.

`bootstrap.py check` only reports whether this Python will do.

This file runs under any `python3`, so it is written for old versions, which get one sentence. A stamp holds the hash of
each requirements file that was installed; nothing happens while the hashes are the same.
"""

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
NEEDS = {"check": [], "base": ["local"], "dev": ["local", "dev"]}
OLDEST, NEWEST = (3, 11), (3, 14)  # 3.15 as soon as every package in requirements/ has a wheel for it


def check_version() -> None:
    """Exit with one sentence if this Python is too old, too new or without venv."""
    found = "%d.%d" % sys.version_info[:2]
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            "Python %d.%d to %d.%d is needed and %s is %s: name another one, as in PYTHON=python3.13."
            % (OLDEST + NEWEST + (os.path.basename(sys.executable or "python3"), found))
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit("Python %s has no venv; on Debian: apt-get install python3-venv." % found)


def requirements(name: str) -> str:
    """Return the path of a requirements file."""
    return os.path.join(ROOT, "requirements", name + ".txt")


def stamp(name: str) -> str:
    """Return the path of the file that holds the hash of the requirements installed last."""
    return os.path.join(VENV, "installed-" + name)


def wanted(name: str) -> str:
    """Return the hash of a requirements file."""
    with open(requirements(name), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def installed(name: str) -> str:
    """Return the hash of the requirements installed last, or an empty string."""
    try:
        with open(stamp(name)) as file:
            return file.read()
    except OSError:
        return ""


def make_environment() -> None:
    """Make .venv, or rebuild it if its Python is gone. A .venv that is a link is never replaced."""
    if os.path.islink(VENV):
        sys.exit(".venv is a link to an environment that does not work: remove it and run again.")
    if not os.access(ROOT, os.W_OK):
        sys.exit("%s cannot be written: use a folder of your own." % ROOT)
    print("Making the virtual environment in .venv")
    if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]):
        sys.exit("The virtual environment could not be made; on Debian: apt-get install python3-venv.")


def works() -> bool:
    """Return whether .venv has a Python that starts, and pip."""
    try:
        with open(os.devnull, "wb") as nowhere:
            return not subprocess.call([PYTHON, "-c", "import pip"], stdout=nowhere, stderr=nowhere)
    except OSError:
        return False


def install(names: "list[str]") -> None:
    """Install exactly what the requirements files list, checking each hash."""
    print("Installing the dependencies of requirements/%s.txt" % names[-1])
    command = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-input", "--require-hashes"]
    for name in names:
        command += ["-r", requirements(name)]
    if subprocess.call(command):
        sys.exit("The dependencies could not be installed: see above.")
    for name in names:
        with open(stamp(name), "w") as file:
            file.write(wanted(name))


def main() -> None:
    """Make and fill the environment, or exit with one sentence with the reason."""
    check_version()
    names = NEEDS[sys.argv[1]]
    if not names:
        return
    if os.path.exists(PYTHON) and all(installed(name) == wanted(name) for name in names):
        return
    try:
        if not works():
            make_environment()
        install(names)
    except OSError as error:
        sys.exit("%s cannot be written: %s." % (VENV, error.strerror))


if __name__ == "__main__":
    main()
