"""The environment, read into typed settings.

django-environ parses the URLs (`url_settings`). The rest is read here, because its `Env` raises at the
first wrong value and takes any word for False, while one start of this program names every problem in a sentence.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

T = TypeVar("T")

LEAST_SECRET_CHARACTERS = 50  # the minimum of Django's deployment check
HOST_NAME = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:.]+\]", re.ASCII)
DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+", re.ASCII)
MAIL_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}


class Unusable(ValueError):
    """An address that parses but cannot be meant. The text goes after the variable's name and never holds a secret."""


@dataclass(frozen=True)
class Problem:
    """A wrong or missing variable: its name, a sentence about it, and how to correct it."""

    name: str
    sentence: str
    hint: str


class Environment:
    """The variables of `.env.example`; `problems` holds what the system checks report."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values
        self.problems: list[Problem] = []
        self.read: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """Return the variable without surrounding blanks; `default` if it is missing or empty."""
        self.read.add(name)
        return self.values.get(name, "").strip() or default

    def switch(self, name: str, default: bool = False) -> bool:
        """Return an on/off variable."""
        raw = self.text(name)
        if not raw:
            return default
        if raw.lower() in TRUE | FALSE:
            return raw.lower() in TRUE
        self.wrong(name, f"is {raw!r}, which is neither on nor off.", "Write 1 or 0.")
        return default

    def count(self, name: str, default: int = 0) -> int:
        """Return a whole number of 0 or more."""
        raw = self.text(name)
        if raw and not (raw.isascii() and raw.isdigit()):  # isdigit() alone takes a superscript two
            self.wrong(name, f"is {raw!r}, which is not a whole number.", "Write a number such as 1.")
            return default
        return int(raw) if raw else default

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of the choices."""
        raw = self.text(name, default)
        if raw not in choices:
            self.wrong(name, f"is {raw!r}.", f"Write one of: {', '.join(choices)}.")
            return default
        return raw

    def required(self, name: str, default: str, *, needed: bool, hint: str) -> str:
        """Return a text; a missing one is a problem if it is `needed`, else `default` replaces it."""
        value = self.text(name)
        if not value and needed:
            self.wrong(name, "is not set.", hint)
        return value or default

    def secret(self, name: str, default: str, *, needed: bool) -> str:
        """Return a secret of at least 50 characters; the value never appears in a sentence."""
        hint = f"Write {LEAST_SECRET_CHARACTERS} random characters or more."
        value = self.required(name, default, needed=needed, hint=hint)
        if needed and self.text(name) and len(value) < LEAST_SECRET_CHARACTERS:
            self.wrong(name, f"has {len(value)} characters, which is too few.", hint)
        return value

    def hosts(self, name: str, default: str, *, needed: bool) -> list[str]:
        """Return host names that are separated by commas."""
        hint = "Write host names alone, comma between."
        parts = self.required(name, default, needed=needed, hint=hint).split(",")
        names = [host.strip() for host in parts if host.strip()]
        if invalid := [host for host in names if not HOST_NAME.fullmatch(host)]:
            self.wrong(name, f"has {invalid[0]!r}, which is not a host name.", hint)
        return names

    def web_address(self, name: str, default: str, *, needed: bool) -> str:
        """Return the site's address, scheme and host, without a slash at the end."""
        value = self.required(name, default, needed=needed, hint="Write the public address, https://... .")
        if not _is_site(value):
            self.wrong(name, f"is {value!r}, which is not a web address.", "Write scheme and host only.")
            return default
        return value.rstrip("/")

    def time_zone(self, name: str, default: str) -> str:
        """Return the name of a time zone."""
        value = self.text(name, default)
        if value not in available_timezones():
            self.wrong(name, f"is {value!r}, which is not a time zone.", "Write a name like America/Chicago.")
            return default
        return value

    def domain(self, name: str) -> str:
        """Return a host name in small letters; "" if it is missing."""
        value = self.text(name).lower()
        if value and not DOMAIN.fullmatch(value):
            self.wrong(name, f"is {value!r}, which is not a domain.", "Write a name like in.clinic.example.")
            return ""
        return value

    def email(self, name: str, default: str, *, needed: bool) -> str:
        """Return an email address, perhaps with a display name."""
        value = self.required(name, default, needed=needed, hint="Write an email address.")
        if not MAIL_ADDRESS.fullmatch(parseaddr(value)[1]):
            self.wrong(name, f"is {value!r}, which is not an email address.", "Write an email address.")
            return default
        return value

    def parsed(
        self, name: str, default: str, parse: Callable[[str], T], *, hint: str, needed: bool = False
    ) -> T:
        """Return what `parse` makes of a URL; if it fails, record a problem and parse the default."""
        raw = self.text(name, default)
        if needed and not self.text(name):
            self.wrong(name, "is not set.", hint)
        try:
            return parse(raw)
        except Unusable as problem:
            self.wrong(name, str(problem), hint)
            return parse(default)
        except Exception:  # noqa: BLE001 - parsers raise many kinds; their texts may hold a password
            self.wrong(name, "cannot be read as an address.", hint)
            return parse(default)

    def wrong(self, name: str, sentence: str, hint: str) -> None:
        """Record a problem."""
        self.problems.append(Problem(name, f"{name} {sentence}", hint))

    def sentence(self) -> str:
        """Return all problems in one text, for processes that run no system checks."""
        return " ".join(f"{p.sentence} {p.hint}" for p in self.problems)


def refuse_unencoded(url: str) -> None:
    """Raise Unusable if the user name or password of a URL holds a character that ends it early.

    `urlsplit` cuts the host at the first of these, and docker compose replaces `$NAME` in an env file.
    """
    _, _, rest = url.partition("://")
    for character in rest.rpartition("@")[0]:
        if character in "@/#?$[]":
            raise Unusable(
                f"has {character!r} in its user name or password. Write %{ord(character):02X} for it there."
            )


def _is_site(value: str) -> bool:
    """Return whether this is a scheme, a host and perhaps a port, and nothing else."""
    try:
        parts = urlsplit(value)
        is_bare = parts.port != 0 and not (parts.path.strip("/") or parts.query or parts.fragment)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in value and is_bare
    except ValueError:
        return False
