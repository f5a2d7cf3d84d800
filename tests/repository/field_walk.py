"""What a person of a role gets from every address of the program, as text that two walks can compare.

A walk changes nothing: each answer is taken inside a transaction that is rolled back.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django.contrib import admin
from django.core.cache import cache
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from challenge.clinic.queries import CACHE_KEY, with_defaults
from challenge.enrollment.models import Enrollment
from challenge.notifications.plan_calendar import address_of_feed, feed_of
from tests.repository import access_matrix as matrix

# New in every answer: the keys of forms and the token against forged requests.
FRESH = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[A-Za-z0-9]{64}\b"
    r"|(?<=name=\"key\" value=\")[0-9a-f]{16}"
)


Rows = dict[type[models.Model], list[int]]  # the numbers of the runner's rows


@dataclass(frozen=True)
class Ask:
    """One request of the walk."""

    name: str
    address: str
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)


def pages_and_exports(world: SimpleNamespace) -> Iterator[Ask]:
    """Every address of the access matrix, the export, and the secret addresses of calendars."""
    for name, row in matrix.ROWS.items():
        arguments = row.arguments(world)
        if None not in arguments.values():  # else: who unsubscribed has no weekly message to look at
            yield Ask(name, reverse(name, kwargs=arguments), row.method, row.data)
    yield Ask("export", reverse("me_export"), "post")


def lists(rows: Rows, role: str, *, opens_all: bool = False) -> Iterator[Ask]:
    """Every list of the admin; where the role may open it, each of its filters, a search, and the pages of a row."""
    for model in admin.site._registry:
        if model._meta.app_label != "challenge":
            continue
        label = f"admin:challenge_{model._meta.model_name}"
        there, pages = reverse(f"{label}_changelist"), ["change"]
        queries: list[dict[str, str]] = []
        if opens_all or role in matrix.ADMIN_LISTS[str(model._meta.model_name)]:
            pages = ["change", "history", "delete"]
            queries = [q for row in _first(model, rows) for q in _queries(admin.site._registry[model], row)]
        yield Ask(f"list of {model.__name__}", there)
        for row in _first(model, rows):
            for page in pages:
                yield Ask(f"{page} of {model.__name__}", reverse(f"{label}_{page}", args=[row.pk]))
        for query in queries:
            yield Ask(f"list of {model.__name__}: {', '.join(query)}", there, data=query)


def _first(model: type[models.Model], rows: Rows) -> list[models.Model]:
    return [model._default_manager.get(pk=number) for number in rows.get(model, [])[:1]]


def _queries(model_admin: Any, row: Any) -> Iterator[dict[str, str]]:
    """Return the filters of a list that find this row, one after another; a search; and a day."""
    for item in model_admin.list_filter:
        path = item[0] if isinstance(item, tuple) else item
        if isinstance(path, str):
            value = row
            for step in path.split("__"):
                value = getattr(value, step)
            yield {f"{path}__exact": str(int(value)) if isinstance(value, bool) else str(value)}
        else:
            yield {str(item.parameter_name): "yes"}
    yield {"q": "Kim"}
    if day := model_admin.date_hierarchy and getattr(row, model_admin.date_hierarchy):
        yield {
            f"{model_admin.date_hierarchy}__{part}": str(getattr(day, part))
            for part in ("year", "month", "day")
        }


def autocompletes() -> Iterator[Ask]:
    """Every field of the admin that offers rows while someone types."""
    for model, model_admin in admin.site._registry.items():
        for name in model_admin.autocomplete_fields:
            asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
            sent = asked | {"field_name": name, "term": "Kim"}
            yield Ask(f"autocomplete of {model.__name__}.{name}", reverse("admin:autocomplete"), data=sent)


def plan_feed(enrollment: Enrollment) -> Ask:
    """The runner's calendar, for whoever has its address."""
    feed = feed_of(enrollment)
    assert feed is not None
    address = address_of_feed(feed)
    assert address is not None
    path, _, key = address.partition("?key=")
    return Ask("plan feed", path.removeprefix("http://testserver"), data={"key": key})


def walk(client: Client, asks: list[Ask]) -> dict[str, str]:
    """Return what each request gets. Nothing is cached or counted before, so that two walks begin alike."""
    cache.clear()
    cache.set(CACHE_KEY, with_defaults({}))
    cookies, found = deepcopy(client.cookies), dict[str, str]()
    for ask in asks:
        client.cookies = deepcopy(cookies)  # who signed out is in again
        with transaction.atomic():
            found[ask.name] = _text(getattr(client, ask.method)(ask.address, ask.data))
            transaction.set_rollback(True)
    assert len(found) == len(asks), "two requests have one name"
    return found


def _text(answer: Any) -> str:
    """Return status, place and content, a zip as the texts in it."""
    body = b"".join(answer)
    if answer.get("Content-Type") == "application/zip":
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(archive.read(name) for name in archive.namelist())
    head = f"{answer.status_code} {answer.get('Location', '')}\n"
    return FRESH.sub("", head + body.decode(errors="replace"))
