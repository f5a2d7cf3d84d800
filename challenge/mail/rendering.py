"""A template and a context become subject, text and HTML; the HTML's stylesheet is inlined for mail readers."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(template: str, context: dict[str, Any]) -> Rendered:
    """Renders `emails/<template>.{subject.txt,txt,html}`; the HTML may be missing where text is enough."""
    full = about_the_clinic() | context
    subject = " ".join(as_text(f"emails/{template}.subject.txt", full).split())
    text = as_text(f"emails/{template}.txt", full).strip() + "\n"
    try:
        html = _inliner().inline(get_template(f"emails/{template}.html").render(full))
    except TemplateDoesNotExist:
        html = ""
    return Rendered(subject, text, html)


def as_text(template: str, context: dict[str, Any]) -> str:
    """A template rendered without HTML's escapes: plain text says ' and not &#x27;."""
    chosen: Any = get_template(template)
    rendered: str = chosen.template.render(Context(context, autoescape=False))
    return rendered


def about_the_clinic() -> dict[str, Any]:
    return {
        "site_url": settings.SITE_URL,
        "clinic_email": settings.CLINIC_EMAIL,
        "clinic_phone": settings.CLINIC_PHONE,
        "reply_email": settings.CLINICAL_REPLY_EMAIL,
    }


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=False, load_remote_stylesheets=False)
