"""A template and a context become subject, text and HTML; the HTML's stylesheet is inlined for mail readers.

What many people's letters share is rendered and inlined once, with marks where each letter has words of its own;
putting these in is nearly free. So a Monday costs a rendering for each phase and dose, not for each runner.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template

from challenge.protocol.reading_hours import READS

OPENS, CLOSES = "\ue000", "\ue001"  # private characters: no template and no log has them
MARK = re.compile(f"{OPENS}(\\w+){CLOSES}")


@dataclass(frozen=True)
class RenderedMessage:
    subject: str
    text: str
    html: str


def render(
    template: str, context: dict[str, Any], personal: Mapping[str, Any] | None = None
) -> RenderedMessage:
    """Renders `emails/<template>.{subject.txt,txt,html}`; the HTML may be missing where text is enough.

    `personal` values may only be printed, or asked whether they are there; `context` beside them must be hashable.
    """
    full = clinic_context() | context
    if not personal:
        return _render_parts(template, full)
    there = frozenset(name for name, value in personal.items() if value)
    sheet = _styles(template, tuple(full.items()), there)
    plain = {name: str(value) for name, value in personal.items()}
    escaped = {name: _escape_values(value) for name, value in personal.items()}
    return RenderedMessage(
        _fill_marks(sheet.subject, plain), _fill_marks(sheet.text, plain), _fill_marks(sheet.html, escaped)
    )


@lru_cache(maxsize=512)
def _styles(template: str, shared: tuple[tuple[str, Any], ...], there: frozenset[str]) -> RenderedMessage:
    return _render_parts(template, dict(shared) | {name: f"{OPENS}{name}{CLOSES}" for name in there})


def _escape_values(value: Any) -> str:
    """As a template does: what is marked as HTML stands as it is."""
    return str(value.__html__()) if hasattr(value, "__html__") else escape(str(value))


def _fill_marks(sheet: str, values: Mapping[str, str]) -> str:
    return MARK.sub(lambda mark: values[mark[1]], sheet)


def _render_parts(template: str, context: dict[str, Any]) -> RenderedMessage:
    subject = " ".join(as_text(f"emails/{template}.subject.txt", context).split())
    text = as_text(f"emails/{template}.txt", context).strip() + "\n"
    try:
        html = _inliner().inline(get_template(f"emails/{template}.html").render(context))
    except TemplateDoesNotExist:
        html = ""
    return RenderedMessage(subject, text, html)


def as_text(template: str, context: dict[str, Any]) -> str:
    """A template rendered without HTML's escapes: plain text says ' and not &#x27;."""
    chosen: Any = get_template(template)
    rendered: str = chosen.template.render(Context(context, autoescape=False))
    return rendered


def clinic_context() -> dict[str, Any]:
    return {
        "site_url": settings.SITE_URL,
        "clinic_email": settings.CLINIC_EMAIL,
        "clinic_phone": settings.CLINIC_PHONE,
        "reply_email": settings.CLINICAL_REPLY_EMAIL,
        "clinic_reads": READS,
    }


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=False, load_remote_stylesheets=False)
