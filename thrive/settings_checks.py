"""Settings that are right one by one and cannot be meant together, each refused at start with a sentence."""

import re
from collections.abc import Callable, Sequence
from functools import partial

from django.http.request import validate_host

from challenge.accounts.fields import phone_link
from thrive.environment import LEAST_SECRET_CHARACTERS, Environment
from thrive.url_settings import redis_place

# NANPA keeps 555-0100 to 555-0199 of every area for fiction; `.env.example` holds one of them.
FICTIONAL_PHONE = re.compile(r"555[\s.-]?01\d\d\b", re.ASCII)
METRICS_TOKEN = re.compile(r"[\w.~+/=-]{32,}", re.ASCII)  # the characters of a bearer token
PUSH_KEY = re.compile(r"[\w-]{43}", re.ASCII)  # 32 bytes in URL-safe base64
AGE_KEY = re.compile(r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}", re.IGNORECASE)  # bech32 of 32 bytes

# Takes whether it is wrong, the variable, the sentence and the hint.
Refusal = Callable[[bool, str, str, str], None]


def refuse_contradictions(
    environment: Environment,
    *,
    debug: bool,
    site_url: str,
    allowed_hosts: Sequence[str],
    proxies: int,
    redis_url: str,
    cache_url: str,
) -> None:
    """Record a problem in `environment` for each pair of settings that cannot both be meant."""
    secure = site_url.startswith("https://")
    host = site_url.partition("://")[2].partition(":")[0]
    refuse = partial(_refuse, environment, {problem.name for problem in environment.problems})
    if debug:
        refuse(secure, "DEBUG", "is on and SITE_URL is https.", "Leave DEBUG out where people sign in.")
        return
    refuse(
        secure and not proxies,
        "TRUSTED_PROXY_COUNT",
        "is 0 and SITE_URL is https: every page would redirect to itself.",
        "Write 1 for the one proxy that ends TLS.",
    )
    refuse(
        not validate_host(host, list(allowed_hosts)),
        "ALLOWED_HOSTS",
        f"does not have {host!r}, the host of SITE_URL.",
        "Add that host.",
    )
    refuse(
        redis_place(cache_url) == redis_place(redis_url),
        "CACHE_URL",
        "is the same as REDIS_URL: a full cache would push out the queue.",
        "Name another database number or another server.",
    )


def refuse_useless_values(
    environment: Environment,
    *,
    public: bool,
    secret_key: str,
    old_secret_keys: Sequence[str],
    data_key: str,
    old_data_keys: Sequence[str],
    clinic_phone: str,
    backup_key: str,
    metrics_token: str,
    push_key: str,
) -> None:
    """Record a problem for a key that is not whole and, on a public site, for a telephone number that no one has."""
    refuse: Refusal = partial(_refuse, environment, {problem.name for problem in environment.problems})
    _refuse_own_secrets(refuse, secret_key, old_secret_keys, data_key, old_data_keys)
    _refuse_made_keys(refuse, backup_key=backup_key, metrics_token=metrics_token, push_key=push_key)
    refuse(
        public and bool(clinic_phone) and not phone_link(clinic_phone),
        "CLINIC_PHONE",
        f"is {clinic_phone!r}, which no telephone can dial.",
        "Write the number that runners call, with its area code.",
    )
    refuse(
        public and bool(FICTIONAL_PHONE.search(clinic_phone)),
        "CLINIC_PHONE",
        "is a number that no one has: 555-0100 to 555-0199 are kept for fiction.",
        "Write the number that runners call.",
    )


def _refuse_own_secrets(
    refuse: Refusal,
    secret_key: str,
    old_secret_keys: Sequence[str],
    data_key: str,
    old_data_keys: Sequence[str],
) -> None:
    """Refuse secrets that are too short, or that cannot be replaced one without the other."""
    pairs = (("SECRET_KEY", secret_key, old_secret_keys), ("DATA_KEY", data_key, old_data_keys))
    for name, present, old in pairs:
        refuse(
            any(len(key) < LEAST_SECRET_CHARACTERS or key == present for key in old),
            f"{name}_FALLBACKS",
            "has a key that is too short, or the present one.",
            f"Write earlier values of {name}, whole, comma between.",
        )
    refuse(
        data_key == secret_key,
        "DATA_KEY",
        "is the same as SECRET_KEY: each of them must be replaceable alone.",
        "Write 50 other random characters or more.",
    )


def _refuse_made_keys(refuse: Refusal, *, backup_key: str, metrics_token: str, push_key: str) -> None:
    """Refuse optional keys that lack a part of what their command prints."""
    refuse(
        bool(backup_key) and not AGE_KEY.fullmatch(backup_key),
        "BACKUP_KEY",
        "is not a whole key.",
        "Write the line that `manage.py backup --new-key` prints: AGE-SECRET-KEY-1 and 58 characters.",
    )
    refuse(
        bool(metrics_token) and not METRICS_TOKEN.fullmatch(metrics_token),
        "METRICS_TOKEN",
        "can be guessed or cannot be sent.",
        "Write 32 letters and digits or more, or nothing.",
    )
    refuse(
        bool(push_key) and not PUSH_KEY.fullmatch(push_key),
        "PUSH_KEY",
        "is not a whole key.",
        "Write the line that `manage.py push_key` prints, or nothing: then there is no push.",
    )


def _refuse(
    environment: Environment, known: set[str], wrong: bool, name: str, sentence: str, hint: str
) -> None:
    # A variable that is wrong by itself was replaced by its default, which contradicts others for no reason.
    if wrong and not known & {name, "SITE_URL"}:
        environment.wrong(name, sentence, hint)
