"""Parser of EMAIL_URL: an SMTP server, files, or an email service through anymail.

smtp+tls://user:password@host:587        SMTP with STARTTLS (smtp+ssl:// for TLS from the start, smtp:// for none)
filemail:///path/to/folder               a file per connection, for development
anymail+postmark://KEY@?webhook=NAME:SECRET
                                         an email service's API; `webhook` opens /email/webhook/<service>/, which
                                         the service calls with these credentials; mailgun needs `&domain=...`
"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ

from thrive.environment import Unusable, refuse_unencoded

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
