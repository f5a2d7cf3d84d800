"""What has been made ready under var/, and of which files: so that a second start does only what changed."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAMPS = ROOT / "var" / "stamps"
SOURCES = {
    "database": ("requirements/base.txt", "challenge/migrations/*.py", "challenge/sql/*.sql"),
    "static": ("requirements/base.txt", "static/**/*", "challenge/static/**/*"),
}


def read(name: str) -> str:
    """What the stamp says; nothing where there is none."""
    file = STAMPS / name
    return file.read_text() if file.exists() else ""


def write(name: str, text: str) -> None:
    """Keep `text` under this name."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(text)


def digest(name: str) -> str:
    """The names and contents of all files that the result is made of."""
    found = hashlib.sha256()
    for pattern in SOURCES[name]:
        for file in sorted(path for path in ROOT.glob(pattern) if path.is_file()):
            found.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return found.hexdigest()


def is_current(name: str) -> bool:
    """Whether the files are those of the last time."""
    return read(name) == digest(name)
