"""The forms of a page as a browser sees them, so that a test can fill in every field without naming one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.repository import access_matrix as matrix

# What ends the session or the account; it holds no free text.
LEFT_ALONE = {"/accounts/logout/", "/admin/logout/", "/me/delete/", "/me/export/", "/accounts/again/"}


@dataclass
class PageForm:
    """Where it is sent and its fields' names; `fixed` are the hidden ones, and buttons, with their values."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)

    def filled(self, text: str) -> dict[str, Any]:
        """`text` in every field that a person can fill in, and as every file's name."""
        files = {
            name: SimpleUploadedFile(f"{text}.gpx", text.encode())
            for name, kind in self.fields.items()
            if kind == "file"
        }
        return self.fixed | dict.fromkeys(self.fields, text) | files


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.found, self.inside = address, list[PageForm](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("method", "get").lower() == "post":
            self.inside = True
            self.found.append(PageForm(said.get("action") or self.address))
        elif self.inside and tag in {"input", "textarea", "select", "button"} and said.get("name"):
            name, kind = said["name"], said.get("type", tag)
            if kind in {"hidden", "submit", "button"}:
                self.found[-1].fixed.setdefault(name, said.get("value", ""))
            elif name != "website":  # the trap for programs
                self.found[-1].fields[name] = kind

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"


def forms_of(html: str, address: str) -> list[PageForm]:
    """The forms of this page that are sent by POST."""
    reader = _Reader(address)
    reader.feed(html)
    return [form for form in reader.found if form.action.split("?")[0] not in LEFT_ALONE]


def forms_for(world: SimpleNamespace, client: Any, role: str) -> Iterator[tuple[str, PageForm]]:
    """The forms of every page that this role may open; those that end an enrollment come last."""
    found = []
    for name, row in matrix.ROWS.items():
        if row.method != "get" or role not in row.may:
            continue
        arguments = row.arguments(world)
        if None in arguments.values():
            continue  # who unsubscribed has no weekly message to look at
        address = reverse(name, kwargs=arguments)
        response = client.get(address)
        if response["Content-Type"].startswith("text/html") and not response.streaming:
            found += [(name, form) for form in forms_of(response.content.decode(), address)]
    yield from sorted(found, key=lambda one: "withdraw" in one[1].action)
