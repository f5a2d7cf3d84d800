"""A template and a context become subject, text and HTML; the HTML's stylesheet is inlined for mail readers."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
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
    subject = " ".join(get_template(f"emails/{template}.subject.txt").render(full).split())
    text = get_template(f"emails/{template}.txt").render(full).strip() + "\n"
    try:
        html = _inliner().inline(get_template(f"emails/{template}.html").render(full))
    except TemplateDoesNotExist:
        html = ""
    return Rendered(subject, text, html)


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
