"""Write values into the form of a rendered page, as if they had been typed in the browser."""

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.template.loader import render_to_string

# Hidden fields keep the fresh page's values, so that checks for concurrent changes still hold.
NEVER_FILLED = {"hidden", "file", "password", "submit", "button", "image", "reset"}
Attributes = dict[str, str | None]


@dataclass
class Control:
    """One control, or one option of a select, with its position in the HTML."""

    tag: str
    attributes: Attributes
    start: int
    end: int
    closes: int = 0  # the position where a textarea's content ends
    select: str = ""  # for an option, the name of its select

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
        """Return the start tag with these attributes changed; False removes one, True sets it without a value."""
        attributes: dict[str, str | bool | None] = {**self.attributes, **changes}
        parts = [
            f" {name}" if value in (None, True) else f' {name}="{escape(str(value))}"'
            for name, value in attributes.items()
            if value is not False
        ]
        return f"<{self.tag}{''.join(parts)}>"


@dataclass
class PageForm:
    """A form of the page, its controls in order, and the <details> elements around it."""

    action: str
    method: str
    end: int
    folds: list[Control]
    controls: list[Control] = field(default_factory=list)

    def fits(self, values: dict[str, list[str]]) -> int:
        """Return how well the form fits: one point per shared name, one more where a hidden field or button agrees."""
        shared = {control.name for control in self.controls if control.name in values}
        agreeing = {
            control.name
            for control in self.controls
            if control.kind in ("hidden", "submit", "button")
            and control.value in values.get(control.name, ())
        }
        return len(shared) + len(agreeing)


class Page(HTMLParser):
    """Find the forms of a page and the positions of their controls, without changing the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._select = ""
        self._textarea: Control | None = None
        self._folds: list[Control] = []
        self._lines = [0]
        # HTMLParser reports line and column; the edits need offsets.
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(html)
        self.close()

    def _position(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._position()
        control = Control(tag, dict(attrs), start, start + len(self.get_starttag_text() or ""))
        if tag == "details":
            self._folds.append(control)
        elif tag == "form":
            method = (control.attributes.get("method") or "get").lower()
            self._form = PageForm(
                control.attributes.get("action") or "", method, control.end, list(self._folds)
            )
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "select", "textarea", "button", "option"):
            self._add(control)

    def _add(self, control: Control) -> None:
        if control.tag == "select":
            self._select = control.name
        elif control.tag == "textarea":
            self._textarea = control
        elif control.tag == "option":
            control.select = self._select
        elif control.tag == "button":
            control.attributes.setdefault("type", "submit")  # the default of HTML
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
            self._textarea.closes = self._position()
            self._textarea = None


def refill(
    html: str, *, address: str, action: str, values: dict[str, list[str]], why: str = ""
) -> str | None:
    """Return the page with the form that is sent to `action` filled; None where the page has no such form.

    A note at the top of the form explains that nothing was sent, or `why` it was refused, and lists the values without
    a field.
    """
    forms = [
        form for form in Page(html).forms if form.method == "post" and _path(address, form.action) == action
    ]
    if not forms:
        return None
    # A page may have one form per row, all with the same action.
    form = max(forms, key=lambda form: form.fits(values))
    edits, lost = _edits(form, values)
    edits += [(fold.start, fold.end, fold.rewritten(open=True)) for fold in form.folds]
    note = render_to_string("account/kept_note.html", {"lost": readable(lost), "why": why})
    edits.append((form.end, form.end, note))
    # From the end of the page, so that earlier positions stay valid.
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return html


def readable(values: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return (label, text) pairs, without management fields and buttons."""
    return [
        (name.rsplit("-", 1)[-1].replace("_", " ").strip(), ", ".join(values[name]))
        for name in values
        if any(values[name]) and not name.endswith("_FORMS") and not name.startswith("_")
    ]


def _path(address: str, action: str) -> str:
    return urlsplit(urljoin(address, action)).path


def _edits(
    form: PageForm, values: dict[str, list[str]]
) -> tuple[list[tuple[int, int, str]], dict[str, list[str]]]:
    """Return the replacements (start, end, text), and the values that no control took."""
    edits: list[tuple[int, int, str]] = []
    unused = {name: list(texts) for name, texts in values.items()}
    for control in form.controls:
        texts = unused.get(control.name)
        if control.kind == "select":  # its options take the values
            continue
        if control.kind in NEVER_FILLED:
            unused.pop(control.name, None)
        elif control.kind in ("checkbox", "radio", "option"):
            edits += _edit_choice(control, values, texts)
        elif texts:
            edits += _edit_text(control, texts.pop(0))
    return edits, {name: texts for name, texts in unused.items() if any(texts)}


def _edit_choice(
    control: Control, values: dict[str, list[str]], unused: list[str] | None
) -> list[tuple[int, int, str]]:
    """Set or clear a choice. Leave a radio or select that was not sent."""
    if control.name not in values and control.kind != "checkbox":  # browsers do not send an unticked checkbox
        return []
    value = control.value if "value" in control.attributes else "on"
    is_chosen = value in values.get(control.name, ())
    if unused and value in unused:
        unused.remove(value)
    attribute = "selected" if control.tag == "option" else "checked"
    return [(control.start, control.end, control.rewritten(**{attribute: is_chosen}))]


def _edit_text(control: Control, text: str) -> list[tuple[int, int, str]]:
    if control.tag == "textarea":
        # HTML drops the first newline of a textarea.
        return [(control.end, control.closes, "\n" + escape(text))]
    return [(control.start, control.end, control.rewritten(value=text))]
