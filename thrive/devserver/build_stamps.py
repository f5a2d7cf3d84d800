"""Stamps under var/: the hash of the files behind each prepared result, so a second start skips what is unchanged."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAMPS = ROOT / "var" / "stamps"
SOURCES = {
    "database": ("requirements/base.txt", "challenge/migrations/*.py", "challenge/sql/*.sql"),
    "static": ("requirements/base.txt", "thrive/static_files.py", "static/**/*", "challenge/static/**/*"),
}


def read(name: str) -> str:
    """Return the stamp's text, or an empty string without a stamp."""
    file = STAMPS / name
    return file.read_text() if file.exists() else ""


def write(name: str, text: str) -> None:
    """Write the stamp."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(text)


def digest(name: str) -> str:
    """Return a hash over the names and contents of all source files of this result."""
    digest_of_all = hashlib.sha256()
    for pattern in SOURCES[name]:
        for file in sorted(path for path in ROOT.glob(pattern) if path.is_file()):
            digest_of_all.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest_of_all.hexdigest()


def is_current(name: str) -> bool:
    """Return whether the source files are the same as at the last write."""
    return read(name) == digest(name)
