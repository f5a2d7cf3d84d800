"""A staff list filters by what it declares; any other parameter, and any broken value, is a page with status 400."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils.http import urlencode

from challenge.accounts.admin_base import GroupedAdminSite
from challenge.accounts.models import User
from challenge.accounts.query_parameters import LIST_PARAMETERS
from challenge.accounts.roles import CLINICIAN, FRONT_DESK, OWNER
from challenge.enrollment.models import CohortClinician
from tests.factories.calls import make_availability
from tests.factories.cohorts import make_cohort
from tests.factories.lives import make_life
from tests.factories.people import make_superuser, make_user, use_second_factor

pytestmark = pytest.mark.django_db

LOOKUPS = ("", "exact", "startswith", "contains", "regex", "gt", "isnull", "in")
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# Who may open the most lists; the others with `make deep`.
ROLES = (
    "superuser",
    *(pytest.param(role, marks=pytest.mark.deep) for role in (CLINICIAN, FRONT_DESK, OWNER)),
)
SENTENCE = "something this page doesn’t have"
UNREADABLE = "Your browser sent something we couldn’t read"
SEARCHED = ("(", "²", "a b", "1", "x" * 200, "%", "\\", "2026-01-01")


def says_why(refused: Any) -> bool:
    """Whether the list says so, or the page that refuses a query string no one can read."""
    words = refused.content.decode()
    return SENTENCE in words or UNREADABLE in words


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def person(role: str) -> User:
    return make_superuser() if role == "superuser" else make_user(role=role)


def list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def paths(model: type[models.Model]) -> Iterator[str]:
    """Every field, and every field one relation away."""
    for field in model._meta.get_fields():
        yield field.name
        if field.is_relation and isinstance(field.related_model, type):
            yield from (f"{field.name}__{far.name}" for far in field.related_model._meta.get_fields())


def declared(model: type[models.Model], request: Any) -> set[str]:
    """What the admin class itself says, read from Django's own objects."""
    model_admin = admin.site._registry[model]
    key = model._meta.pk.name
    found = {*LIST_PARAMETERS, "q", "pk", "pk__exact", key, f"{key}__exact"}
    for spec in model_admin.get_changelist_instance(request).filter_specs:
        found |= {str(name) for name in spec.expected_parameters()}
    if model_admin.date_hierarchy:
        found |= {f"{model_admin.date_hierarchy}__{part}" for part in ("year", "month", "day")}
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_lookup_of_every_field_that_is_not_declared_is_refused(role: str) -> None:
    """Through the address's own view, as Django finds it; the middleware is another test's."""
    make_availability()
    user, asked, open_ones = person(role), 0, []
    for model in MODELS:
        there = list_of(model)
        found = resolve(there)
        plain = RequestFactory().get(there)
        plain.user = user
        if not admin.site._registry[model].has_view_or_change_permission(plain):
            continue
        allowed = declared(model, plain)
        names = {f"{path}__{lookup}".rstrip("_") for path in paths(model) for lookup in LOOKUPS}
        for name in sorted(names - allowed):
            request = RequestFactory().get(there, {name: "1"})
            request.user, request.resolver_match = user, found
            asked += 1
            answer = found.func(request)
            if answer.status_code != 400:
                open_ones.append((there, name, answer.status_code))
    assert open_ones == []
    assert asked > 300


@pytest.mark.parametrize("role", ROLES)
def test_each_list_refuses_through_the_whole_stack(role: str) -> None:
    client, refusals = client_of(person(role)), 0
    for model in MODELS:
        there = list_of(model)
        if client.get(there).status_code == 403:
            assert client.get(there, {"email__regex": "("}).status_code == 403
            continue
        for name in (
            f"{model._meta.pk.name}__gt",
            "email__regex",
            "notes__startswith",
            "nothing",
            "user__password",
        ):
            refused = client.get(there, {name: "("})
            assert refused.status_code == 400, (there, name)
            assert SENTENCE in refused.content.decode()
            refusals += 1
    assert refusals >= 30


@pytest.mark.parametrize("searched_words", [SEARCHED[:2], pytest.param(SEARCHED, marks=pytest.mark.deep)])
@pytest.mark.parametrize("role", ROLES)
def test_each_list_takes_or_refuses_every_search(role: str, searched_words: tuple[str, ...]) -> None:
    make_life()
    client, searched = client_of(person(role)), 0
    for model in MODELS:
        there = list_of(model)
        shown = client.get(there)
        if shown.status_code == 403:
            continue
        has_search_box = 'id="searchbar"' in shown.content.decode()
        for words in searched_words:
            expected = 200 if has_search_box else 400
            assert client.get(there, {"q": words}).status_code == expected, (there, words)
            searched += 1
    assert searched >= 30


def test_no_list_shows_sessions() -> None:
    assert client_of(person("superuser")).get("/admin/usersessions/usersession/?q=(").status_code == 404


def test_the_desk_cannot_spell_out_the_notes_of_a_call() -> None:
    desk = client_of(make_user(role=FRONT_DESK))
    for query in ("notes__startswith=x", "site=achilles", "notes__regex=%5Ex", "notes__isnull=1", "notes="):
        refused = desk.get(f"/admin/challenge/booking/?{query}")
        assert refused.status_code == 400, query
        assert SENTENCE in refused.content.decode()


BROKEN = (
    "email__regex=(",
    "is_staff__exact=banana",
    "is_staff__exact=1&is_staff__exact=0",
    "is_staff__isnull=perhaps",
    "is_staff__exact=",
    "is_staff__exact=%00",
    "groups__id__exact=%C2%B2",
    "groups__id__exact=999999",
    "groups__id__exact=99999999999999999999999",
    "id__exact=%C2%B2",
    "pk=1,2",
    "pk=99999999999999999999999",
    "p=%C2%B2",
    "p=-1",
    "o=%C2%B2",
    "o=x",
    "o=" + ".".join(["1"] * 500),
    "q=%00",
    "q=" + "a+" * 5000,
    "_to_field=password",
    "_to_field=email__regex",
    "e%00=1",
    "password__startswith=p",
    "&".join(f"email__regex={n}" for n in range(900)),
    "&".join(f"x{n}=1" for n in range(1000)),
    "&".join(f"x{n}=1" for n in range(2000)),
    "&".join("q=1" for n in range(1000)),
)


@pytest.mark.parametrize("query", BROKEN, ids=lambda query: query[:40])
def test_a_broken_value_is_a_sentence_and_no_error(query: str) -> None:
    refused = client_of(person("superuser")).get(f"/admin/challenge/user/?{query}")
    assert refused.status_code == 400
    assert says_why(refused)


@pytest.mark.parametrize(
    "query",
    [
        "at__year=x", "at__year=%C2%B2", "at__year=0", "at__year=9999", "at__year=99999", "at__month=5", "at__year=",
        "at__year=2026&at__month=13", "at__year=2026&at__day=3", "at__year=2026&at__month=2&at__day=30",
        "at__gte=2026-01-01", "at__year=2026&at__gte=2026-01-01", "cohort=%C2%B2", "cohort=x", "cohort=0",
        "kind__exact=bogus", "to_phase__exact=%C2%B2", "to_phase__exact=x",
    ],
)  # fmt: skip
def test_a_broken_day_cohort_or_choice_is_refused(query: str) -> None:
    life = make_life()
    client = client_of(CohortClinician.objects.get(cohort=life.cohort).user)
    assert client.get(f"/admin/challenge/phasechange/?{query}").status_code == 400


@pytest.mark.parametrize(
    "links", [slice(1, 2), pytest.param(slice(None), marks=pytest.mark.deep)], ids=["one", "all"]
)
def test_every_filter_that_a_list_offers_still_filters(links: slice) -> None:
    """The first link of each filter after "All", or every one; and what Django's own windows and facets ask."""
    root = person("superuser")
    CohortClinician.objects.create(cohort=make_life().cohort, user=root)
    make_availability()
    client, followed = client_of(root), 0
    for model in MODELS:
        there = list_of(model)
        answer: Any = client.get(there)
        shown = answer.context_data["cl"]
        for spec in shown.filter_specs:
            for choice in list(spec.choices(shown))[links]:
                answer = client.get(there + choice["query_string"])
                assert answer.status_code == 200, (there, choice["query_string"])
                followed += 1
        for query in ("_popup=1&_to_field=id&o=1&p=1", "_facets=True&all=&o=-1.2&e=1&id__exact=1"):
            if model._meta.pk.name == "id":
                assert client.get(f"{there}?{query}").status_code == 200, (there, query)
        if day := admin.site._registry[model].date_hierarchy:
            dated = f"{there}?{day}__year=2026&{day}__month=1&{day}__day=7"
            assert client.get(dated).status_code == 200
    assert followed > 30


def test_an_older_cohort_than_those_offered_is_found_by_its_address() -> None:
    life = make_life()
    clinician = CohortClinician.objects.get(cohort=life.cohort).user
    for _ in range(21):
        CohortClinician.objects.create(cohort=make_cohort(starts_on=life.cohort.starts_on), user=clinician)
    other = make_cohort(starts_on=life.cohort.starts_on)
    client = client_of(clinician)
    there = "/admin/challenge/enrollment/?cohort="
    assert client.get(f"{there}{life.cohort.pk}").status_code == 200
    assert client.get(f"{there}{other.pk}").status_code == 400


def test_a_new_model_is_covered_without_a_word() -> None:
    site = GroupedAdminSite(name="another")
    site.register(User, type("Plain", (admin.ModelAdmin,), {}))
    request = RequestFactory().get("/", {"password__startswith": "p"})
    request.user = make_superuser()
    assert site._registry[User].changelist_view(request).status_code == 400


def test_offers_while_one_types_take_djangos_five_parameters() -> None:
    owner = client_of(make_user(role=OWNER, name="Robin Reed"))
    asked = {"app_label": "challenge", "model_name": "cohortclinician", "field_name": "user"}
    there = "/admin/autocomplete/"
    assert owner.get(there, asked | {"term": "Robin"}).json()["results"][0]["text"].startswith("Robin")
    assert owner.get(there, asked | {"term": "x", "page": "1"}).status_code == 200
    for wrong in ({"password": "p"}, {"term": "\0"}, {"page": "\u00b2"}, {"term": "a " * 5000}):
        assert owner.get(there, asked | wrong).status_code == 400, wrong


@pytest.mark.parametrize(
    ("there", "right", "wrong"),
    [
        ("/admin/calls/", "q=robin", ("week=soon", "notes=x", "q=a&q=b", "q=%00")),
        ("/admin/calls/week/", "week=2026-01-05", ("week=soon", "notes=x", "week=2026-01-05&week=2026-01-12", "a=1")),
        ("/admin/calls/book/", "whom=any&zone=America/Chicago", ("whom=%C2%B2", "slot=x", "zone=%00", "a=1")),
        ("/admin/seats/", "page=1", ("page=x", "page=%C2%B2", "name=a", "page=99999999999999999999")),
        ("/admin/targets/", "runner=&page=1", ("runner=x", "runner=%C2%B2", "text=a", "page=x")),
        ("/admin/review/the-cohort/", "phase=&flag=any&silent=1", ("phase=9", "flag=x", "pain=3", "clinician=%00")),
        ("/admin/review/the-cohort/what-if/", "name=x&value=three", ("by=1", "name=a&name=b", "value=%00")),
    ],
)  # fmt: skip
def test_our_own_lists_take_what_they_declare(there: str, right: str, wrong: tuple[str, ...]) -> None:
    root = person("superuser")
    CohortClinician.objects.create(cohort=make_cohort(slug="the-cohort"), user=root)
    client = client_of(root)
    assert client.get(f"{there}?{right}").status_code == 200
    for query in (*wrong, urlencode({f"x{n}": 1 for n in range(1500)})):
        refused = client.get(f"{there}?{query}")
        assert refused.status_code == 400, query
        assert says_why(refused)
