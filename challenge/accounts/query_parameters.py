"""Accept only declared query parameters on staff lists.

Django filters a changelist by every lookup that the query string names, also on fields that no page shows: such a
filter reads notes, answers and hashes, one character at a time. Here a list accepts what it declares, and refuses
the rest with status 400 before it queries the database.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR, IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import (
    ALL_VAR,
    ERROR_FLAG,
    ORDER_VAR,
    PAGE_VAR,
    SEARCH_VAR,
    ChangeList,
)
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from challenge.db.generic_classes import AnyModelAdmin

View = Callable[..., HttpResponse]
Parse = Callable[[str], object]

NUMBER = re.compile(r"[0-9]{1,9}").fullmatch
PRIMARY_KEY = re.compile(r"[0-9]{1,18}").fullmatch
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
ORDER = re.compile(r"-?[0-9]{1,2}(\.-?[0-9]{1,2}){0,9}").fullmatch
SWITCH = re.compile(r"[A-Za-z0-9]{0,5}").fullmatch
SEARCH_LENGTH = 200
FIRST_YEAR, LAST_YEAR = 1900, 2999  # far from the ends of the calendar, where the next day does not exist
# The parameters that Django's own links and popups add to every changelist.
LIST_PARAMETERS: dict[str, Parse] = {
    ALL_VAR: SWITCH,
    ERROR_FLAG: SWITCH,
    IS_FACETS_VAR: SWITCH,
    IS_POPUP_VAR: SWITCH,
    ORDER_VAR: ORDER,
    PAGE_VAR: NUMBER,
    TO_FIELD_VAR: re.compile(r"\w{0,60}", re.ASCII).fullmatch,
}
AUTOCOMPLETE_PARAMETERS: dict[str, Parse] = {
    "app_label": str,
    "field_name": str,
    "model_name": str,
    "page": NUMBER,
    "term": lambda term: term if len(term) <= SEARCH_LENGTH else None,
}


def refuse(request: HttpRequest) -> HttpResponse:
    """Return the page, status 400, that explains that the list has no such filter."""
    # Not each_context: it lists every model, and a refusal should cost nothing.
    context = {"title": "No such filter", "has_permission": True, "site_url": admin.site.site_url}
    return TemplateResponse(request, "admin/no_such_filter.html", context, status=400)


def is_declared(query: QueryDict, declared: dict[str, Parse]) -> bool:
    """Return whether each parameter is declared, occurs once, and is empty or accepted by its parser."""
    return all(
        name in declared and len(values) == 1 and (not values[0] or declared[name](values[0]) is not None)
        for name, values in query.lists()
    )


def takes(**declared: Parse) -> Callable[[View], View]:
    """Let a staff page accept only these query parameters. A parser returns None for an invalid value."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not is_declared(request.GET, declared):
                return refuse(request)
            return view(request, *args, **kwargs)

        return checked

    return decorate


class DeclaredFilters(AnyModelAdmin):
    """A changelist that filters by its `list_filter`, `date_hierarchy`, search and primary key only.

    `GroupedAdminSite.register` adds it to every admin class, so a new model needs no line for it.
    """

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            return super().changelist_view(request, extra_context)
        except NoSuchFilter:
            return refuse(request)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Check the names, let Django parse the values, then check that the list offers each of them."""
        fixed = self._fixed(request)
        unchecked = set(request.GET) - set(fixed)
        declared = fixed | dict.fromkeys(self._filters(request) if unchecked else (), str)
        if not is_declared(request.GET, declared) or not _is_day(request.GET, self.date_hierarchy):
            raise NoSuchFilter
        try:
            changelist = super().get_changelist_instance(request)
        except (IncorrectLookupParameters, SuspiciousOperation) as error:
            raise NoSuchFilter from error
        for spec in changelist.filter_specs:
            if chosen := unchecked.intersection(spec.expected_parameters()):
                unchecked -= chosen
                if not any(choice["selected"] for choice in spec.choices(changelist)):
                    raise NoSuchFilter
        if unchecked:  # the filter has no choices: Django would ignore it and show the whole list
            raise NoSuchFilter
        return changelist

    def _fixed(self, request: HttpRequest) -> dict[str, Parse]:
        """Return the parameters that do not come from `list_filter`."""
        key = self.opts.pk.name
        fixed = LIST_PARAMETERS | dict.fromkeys(("pk", "pk__exact", key, f"{key}__exact"), PRIMARY_KEY)
        if self.get_search_fields(request):
            fixed[SEARCH_VAR] = AUTOCOMPLETE_PARAMETERS["term"]
        if self.date_hierarchy:
            fixed |= {f"{self.date_hierarchy}__{part}": NUMBER for part in ("year", "month", "day")}
        return fixed

    def _filters(self, request: HttpRequest) -> Iterator[str]:
        """Yield the parameters of the list's filters."""
        for item in self.get_list_filter(request):
            if isinstance(item, type) and issubclass(item, admin.SimpleListFilter):
                yield str(item.parameter_name)
                continue
            path: Any = item[0] if isinstance(item, (tuple, list)) else item
            kind: Any = item[1] if isinstance(item, (tuple, list)) else admin.FieldListFilter.create
            field = get_fields_from_path(self.model, path)[-1]
            yield from kind(field, request, {}, self.model, self, field_path=path).expected_parameters()


class NoSuchFilter(Exception):
    """The query string has a filter, or a value of a filter, that the list does not offer."""


def _is_day(query: QueryDict, field: str | None) -> bool:
    """Return whether the parts of a date hierarchy are a year, a month of a year or a day of a month."""
    year, month, day = (query.get(f"{field}__{part}") for part in ("year", "month", "day"))
    if (year, month, day) == (None, None, None):
        return True
    if not year or (day and not month) or "" in (month, day):
        return False
    try:
        return FIRST_YEAR <= date(int(year), int(month or 1), int(day or 1)).year <= LAST_YEAR
    except ValueError:
        return False
