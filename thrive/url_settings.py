"""Parsers of the URLs of database, queue, cache, Sentry and email: a server, files, or a service through anymail.

EMAIL_URL takes:

smtp+tls://user:password@host:587        SMTP with STARTTLS (smtp+ssl:// for TLS from the start, smtp:// for none)
filemail:///path/to/folder               a file per connection, for development
anymail+postmark://KEY@?webhook=NAME:SECRET
                                         an email service's API; `webhook` opens /email/webhook/<service>/, which
                                         the service calls with these credentials; mailgun needs `&domain=...`
"""

import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ

from thrive.environment import Unusable, refuse_unencoded

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL database. Raises ValueError if the URL names none."""
    refuse_unencoded(url)
    with warnings.catch_warnings():  # environ warns of an unknown engine, which is refused below
        warnings.simplefilter("ignore")
        config: dict[str, Any] = environ.Env.db_url_config(url)
    if "postgresql" not in config.get("ENGINE", "") or not config.get("NAME"):
        raise ValueError("no PostgreSQL database is named")
    _refuse_useless_tls(config.get("OPTIONS", {}))
    return config


def _refuse_useless_tls(options: dict[str, Any]) -> None:
    """Raise Unusable where libpq would refuse every connection, which looks like a database that is away."""
    mode, roots = options.get("sslmode", "prefer"), str(options.get("sslrootcert", "system"))
    if mode not in SSL_MODES:
        raise Unusable(f"has sslmode={mode}. Write one of: {', '.join(SSL_MODES)}.")
    if roots != "system" and not Path(roots).is_file():
        raise Unusable(f"has sslrootcert={roots}, and there is no such file here (inside the container).")


def optional_database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL database, or none without a URL. Raises ValueError."""
    return database_settings(url) if url else {}


def redis_url(url: str) -> str:
    """Return the URL unchanged. Raises ValueError unless it names a server and a database by number.

    environ's `cache_url_config` checks neither the port nor the number, and Celery needs the URL as it is.
    """
    refuse_unencoded(url)
    parts = urlsplit(url)
    if parts.scheme == "unix":
        number, server = parse_qs(parts.query).get("db", ["0"])[0], parts.path
    else:
        number, server = parts.path.strip("/") or "0", parts.hostname or ""
    if parts.scheme not in {"redis", "rediss", "unix"} or not server:
        raise ValueError("no server is named")
    if parts.port == 0 or not (number.isascii() and number.isdigit()):
        raise ValueError("the port or the database number is invalid")
    _refuse_unchecked_certificate(parse_qs(parts.query))
    return url


def redis_place(url: str) -> tuple[str, int, str]:
    """Return the server and the database that a URL means, so that two spellings of one are equal."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path, 0, parse_qs(parts.query).get("db", ["0"])[0]
    return parts.hostname or "", parts.port or 6379, parts.path.strip("/") or "0"


def _refuse_unchecked_certificate(query: dict[str, list[str]]) -> None:
    """Raise Unusable if options of `rediss://` let anyone stand in for the server, or name a file that is missing."""
    if query.get("ssl_cert_reqs", ["required"]) != ["required"] or "ssl_check_hostname" in query:
        raise Unusable(
            "switches the check of the certificate off. Leave that out; "
            "ssl_ca_certs names the file of a private authority."
        )
    for roots in query.get("ssl_ca_certs", []):
        if not Path(roots).is_file():
            raise Unusable(
                f"has ssl_ca_certs={roots}, and there is no such file here (inside the container)."
            )


def sentry_dsn(dsn: str) -> str:
    """Return the DSN unchanged, or empty for no reports. Raises ValueError unless it is `https://key@host/number`."""
    if not dsn:
        return ""
    parts = urlsplit(dsn)
    project = parts.path.rpartition("/")[2]
    if parts.scheme not in {"http", "https"} or not (parts.username and parts.hostname) or parts.port == 0:
        raise ValueError("key or host is missing")
    if not (project.isascii() and project.isdigit()):
        raise ValueError("the project's number is missing")
    return dsn


def release_address(url: str) -> str:
    """Return the address unchanged, or empty for none. Raises ValueError unless it is `https://host/path`, no port."""
    if not url:
        return ""
    parts = urlsplit(url)
    if (
        parts.scheme != "https"
        or not parts.hostname
        or parts.username is not None
        or parts.port not in {None, 443}
    ):
        raise ValueError("not a public https address")
    return url


SMTP = ("smtp", "smtp+tls", "smtp+ssl")
KEYS = {
    "brevo": "BREVO_API_KEY",
    "mailersend": "MAILERSEND_API_TOKEN",
    "mailgun": "MAILGUN_API_KEY",
    "postmark": "POSTMARK_SERVER_TOKEN",
    "resend": "RESEND_API_KEY",
    "sendgrid": "SENDGRID_API_KEY",
    "sparkpost": "SPARKPOST_API_KEY",
}


def email_settings(url: str, *, debug: bool) -> dict[str, Any]:
    """Return Django's and anymail's settings; EMAIL_WEBHOOK names the service that may call back.

    Raises Unusable, ValueError, KeyError or ImproperlyConfigured for any other form.
    """
    if not url.startswith("anymail+"):
        return {"EMAIL_WEBHOOK": ""} | _server_settings(url, debug=debug)
    if "#" in url or "$" in url:
        raise Unusable("has an unencoded # or $. Write %23 for # and %24 for $.")
    parts = urlsplit(url)
    service = parts.scheme.removeprefix("anymail+")
    key, _, _ = parts.netloc.rpartition("@")
    if not key:
        raise ValueError("no key")
    options = parse_qs(parts.query)
    if (service == "mailgun") != ("domain" in options):
        raise ValueError("mailgun, and only mailgun, needs a domain")
    if "webhook" in options and not all(options["webhook"][0].partition(":")):
        raise ValueError("a webhook has a name and a secret")
    anymail = {KEYS[service]: unquote(key), "REQUESTS_TIMEOUT": (10, 20)}
    if "domain" in options:
        anymail["MAILGUN_SENDER_DOMAIN"] = options["domain"][0]
    if "webhook" in options:
        anymail["WEBHOOK_SECRET"] = options["webhook"][0]
    return {
        "EMAIL_BACKEND": f"anymail.backends.{service}.EmailBackend",
        "EMAIL_WEBHOOK": service if "webhook" in options else "",
        "ANYMAIL": anymail,
    }


def _server_settings(url: str, *, debug: bool) -> dict[str, Any]:
    """Return Django's settings for an SMTP server or, while developing, for files."""
    scheme = url.partition("://")[0]
    if scheme == "smtps":
        # django-environ reads smtps as STARTTLS, every other program as TLS from the start.
        raise Unusable("begins with smtps. Write smtp+ssl:// (port 465) or smtp+tls:// (STARTTLS, port 587).")
    if scheme not in SMTP and not debug:
        raise Unusable(f"begins with {scheme}, which sends nothing, and DEBUG is off.")
    if scheme in SMTP:
        refuse_unencoded(url)
    config: dict[str, Any] = environ.Env.email_url_config(url)
    if scheme in SMTP and not config["EMAIL_HOST"]:
        raise ValueError("no host")
    if scheme in SMTP and not config["EMAIL_PORT"]:
        raise Unusable("names no port. Write it after the host, such as :587.")
    return config
