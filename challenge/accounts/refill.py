"""Write values into the form of a finished page, as a browser would have them after typing."""

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.template.loader import render_to_string

# Hidden fields keep the fresh page's values; files and passwords are never filled.
LEFT_ALONE = {"hidden", "file", "password", "submit", "button", "image", "reset"}
Attributes = dict[str, str | None]


@dataclass
class Control:
    """One control, or one option of a select, with its place in the page's text."""

    tag: str
    attributes: Attributes
    start: int
    end: int
    closes: int = 0  # where a textarea's content ends
    select: str = ""  # the select to which an option belongs

    @property
    def name(self) -> str:
        return self.select or self.attributes.get("name") or ""

    @property
    def kind(self) -> str:
        return (self.attributes.get("type") or "text").lower() if self.tag == "input" else self.tag

    @property
    def value(self) -> str:
        return self.attributes.get("value") or ""

    def rewritten(self, **changes: str | bool) -> str:
        """Return the start tag with attributes set, or taken away where False."""
        attributes: dict[str, str | bool | None] = {**self.attributes, **changes}
        parts = [
            f" {name}" if value in (None, True) else f' {name}="{escape(str(value))}"'
            for name, value in attributes.items()
            if value is not False
        ]
        return f"<{self.tag}{''.join(parts)}>"


@dataclass
class Form:
    """A form of the page, its controls in order, and the closed <details> around it."""

    action: str
    method: str
    end: int
    folds: list[Control]
    controls: list[Control] = field(default_factory=list)

    def fits(self, values: dict[str, list[str]]) -> int:
        """Count the names it shares with the values; a hidden field or a button that agrees counts twice."""
        shared = {one.name for one in self.controls if one.name in values}
        agreeing = {
            one.name
            for one in self.controls
            if one.kind in ("hidden", "submit", "button") and one.value in values.get(one.name, ())
        }
        return len(shared) + len(agreeing)


class Page(HTMLParser):
    """Finds the forms of a page and where their controls stand; the text itself is not touched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._textarea: Control | None = None
        self._folds: list[Control] = []
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(html)
        self.close()

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._here()
        control = Control(tag, dict(attrs), start, start + len(self.get_starttag_text() or ""))
        if tag == "details":
            self._folds.append(control)
        elif tag == "form":
            method = (control.attributes.get("method") or "get").lower()
            self._form = Form(control.attributes.get("action") or "", method, control.end, list(self._folds))
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "select", "textarea", "button", "option"):
            self._note(control)

    def _note(self, control: Control) -> None:
        if control.tag == "select":
            self._select = control.name
        elif control.tag == "textarea":
            self._textarea = control
        elif control.tag == "option":
            control.select = self._select
        elif control.tag == "button":
            control.attributes.setdefault("type", "submit")
        if self._form is not None:
            self._form.controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "details" and self._folds:
            self._folds.pop()
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._textarea is not None:
            self._textarea.closes = self._here()
            self._textarea = None


def refill(html: str, *, address: str, action: str, values: dict[str, list[str]]) -> str | None:
    """Return the page with the form that is sent to `action` filled; None where the page has no such form.

    A note at the top of the form says that nothing was sent, and lists what found no field.
    """
    here = [
        form for form in Page(html).forms if form.method == "post" and _path(address, form.action) == action
    ]
    if not here:
        return None
    form = max(here, key=lambda one: one.fits(values))
    edits, lost = _edits(form, values)
    edits += [(one.start, one.end, one.rewritten(open=True)) for one in form.folds]
    edits.append((form.end, form.end, render_to_string("account/kept_note.html", {"lost": in_words(lost)})))
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return html


def in_words(values: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Name what was typed by the last part of its field's name; management fields and buttons are left out."""
    return [
        (name.rsplit("-", 1)[-1].replace("_", " ").strip(), ", ".join(values[name]))
        for name in values
        if any(values[name]) and not name.endswith("_FORMS") and not name.startswith("_")
    ]


def _path(address: str, action: str) -> str:
    return urlsplit(urljoin(address, action)).path


def _edits(
    form: Form, values: dict[str, list[str]]
) -> tuple[list[tuple[int, int, str]], dict[str, list[str]]]:
    """Return the replacements, by place, and the values that no control took."""
    edits: list[tuple[int, int, str]] = []
    left = {name: list(given) for name, given in values.items()}
    for one in form.controls:
        given = left.get(one.name)
        if one.kind in LEFT_ALONE or one.kind in ("button", "select"):
            if one.kind != "select":
                left.pop(one.name, None)
        elif one.kind in ("checkbox", "radio", "option"):
            edits += _chosen(one, values, given)
        elif given:
            edits += _typed(one, given.pop(0))
    return edits, {name: given for name, given in left.items() if any(given)}


def _chosen(
    one: Control, values: dict[str, list[str]], given: list[str] | None
) -> list[tuple[int, int, str]]:
    """Set or clear a choice. A box that was not ticked is not sent, a radio or select that is not sent stays."""
    if one.name not in values and one.kind != "checkbox":
        return []
    value = one.value if "value" in one.attributes else "on"
    is_chosen = value in values.get(one.name, ())
    if given and value in given:
        given.remove(value)
    return [
        (one.start, one.end, one.rewritten(**{"selected" if one.tag == "option" else "checked": is_chosen}))
    ]


def _typed(one: Control, text: str) -> list[tuple[int, int, str]]:
    if one.tag == "textarea":
        return [(one.end, one.closes, "\n" + escape(text))]
    return [(one.start, one.end, one.rewritten(value=text))]
