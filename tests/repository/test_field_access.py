"""Who gets which health field: "read by" of the data map, tried on each page, list, filter, search, export and feed.

For each role all fields that it may not read are changed at once, and every address is asked before and after. The same
answer twice shows that nothing of them is in it: no word, and also no number, color, order or count that follows from
one. A health field without a row fails in `tests/privacy/test_data_map.py`.
"""

import contextlib
import difflib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from django.test import Client

from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.factories.lives import fill_life
from tests.factories.people import make_superuser, sign_in_now
from tests.factories.weekly import decide_week
from tests.privacy import data_map
from tests.privacy.data_map import HEALTH, fields_of
from tests.repository import access_matrix as matrix
from tests.repository.access_matrix import CLINICIAN, DESK, OWNER, ROLES, RUNNER
from tests.repository.field_walk import Rows, autocompletes, lists, pages_and_exports, plan_feed, walk
from tests.repository.test_access import kept_world, signed_in, world

__all__ = ["kept_world", "world"]

pytestmark = pytest.mark.django_db
MODELS: dict[str, type[models.Model]] = {name: apps.get_model("challenge", name) for name in HEALTH}
TEAMMATE, SUPERUSER = "runner of the same cohort", "superuser"
IN_EVERY_RUN = {TEAMMATE, DESK, OWNER}  # those who are nearest to what they may not read
EVERY_ROLE = [
    pytest.param(role, marks=[] if role in IN_EVERY_RUN else [pytest.mark.deep])
    for role in (*ROLES, TEAMMATE, SUPERUSER)
]
# The words of the map -> the roles that they are.
READERS = {
    data_map.RUNNER_AND_CLINICIANS: {RUNNER, CLINICIAN},
    data_map.CLINICIANS: {CLINICIAN},
    "the runner alone": {RUNNER},
    "the runner; clinicians of the cohort; owners": {RUNNER, CLINICIAN, OWNER},
    "the caller; the desk, owners and the call’s clinician": {RUNNER, DESK, OWNER, CLINICIAN},
    "the caller; of a runner, the call’s clinician alone": {RUNNER, CLINICIAN},
    "the desk, owners and the call’s clinician": {DESK, OWNER, CLINICIAN},
    "owners; who opened it": {OWNER, CLINICIAN},
    "who it is addressed to; clinicians": {RUNNER, CLINICIAN},
}
# Which address a role gets something from that follows from such a field, and why that is right.
COUNTS = "how many questions wait for the clinic and how long, never whose"
FOLLOWS: dict[tuple[str, str], str] = {
    (RUNNER, "export"): "a person's own export also holds what the clinic wrote about them",
    (OWNER, "cohort_numbers"): COUNTS,
    (SUPERUSER, "cohort_numbers"): COUNTS,
}


def readers_of(name: str, field: str) -> set[str]:
    return READERS[HEALTH[name].except_for.get(field, HEALTH[name].readers)]


def hidden_from(role: str) -> list[tuple[str, str]]:
    """Return the fields of the map that this role may not read. Without a reason a superuser reads as an owner."""
    role = OWNER if role == SUPERUSER else role
    return [
        (name, field)
        for name in HEALTH
        for field in fields_of(MODELS[name])
        if role not in readers_of(name, field)
    ]


@pytest.fixture
def life(world: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The runner of the world with something in every field, at a moment that does not move."""
    before = {model: keys_of(model) for model in MODELS.values()}
    with time_machine.travel(datetime.now(UTC).replace(microsecond=0), tick=False):
        fill_life(world.enrollment, world.people[CLINICIAN], marker="Kim")
        decide_week(enrollment=world.enrollment, week_starts_on=world.cohort.starts_on, at=NOW)
        world.rows = {model: sorted(keys_of(model) - before[model]) for model in MODELS.values()}
        mails = OutboxMessage.objects.filter(to_email=world.people[RUNNER].email)
        world.rows[OutboxMessage] = list(mails.order_by("pk").values_list("pk", flat=True))
        world.people |= {TEAMMATE: enroll(cohort=world.cohort).seat.user, SUPERUSER: make_superuser()}
        yield world


def keys_of(model: type[models.Model]) -> set[int]:
    return set(model._default_manager.values_list("pk", flat=True))


def client_of(life: SimpleNamespace, role: str) -> Client:
    client = signed_in(life.people[role])
    if role in {RUNNER, matrix.OTHER, TEAMMATE}:
        sign_in_now(client, life.people[role])
    return client


def mark_of(name: str, field: str) -> str:
    return f"~{name}.{field}"


def other_values(field: Any, value: Any, mark: str) -> Iterator[Any]:
    """Yield values that differ from this one, the plainest first."""
    if field.choices:
        yield from (choice for choice, _ in field.flatchoices if choice != value)
    elif isinstance(field, models.BooleanField):
        yield not value
    elif isinstance(field, models.JSONField):
        yield [*value, mark] if isinstance(value, list) else {**(value or {}), mark: mark}
    elif isinstance(field, ArrayField):
        yield from ([one] for one in other_values(field.base_field, None, mark) if [one] != value)
        yield []
    elif isinstance(field, (models.DateField, models.DateTimeField)):
        start = value or (NOW if isinstance(field, models.DateTimeField) else NOW.date())
        yield from (start + timedelta(days=days) for days in (1, -1, 7, -7))
    elif isinstance(field, (models.IntegerField, models.FloatField, models.DecimalField)):
        yield from (new for new in ((value or 0) + 1, (value or 2) - 1, 0, 150, 170) if new != value)
    elif isinstance(field, models.BinaryField):
        yield mark.encode()
    else:
        yield mark[: field.max_length]


def change(rows: Rows, name: str, field: str) -> bool:
    """Give the field another value in every row; return whether there was a row that took one."""
    model, changed = MODELS[name], False
    column = model._meta.get_field(field)
    for key in rows[model]:
        found = model._base_manager.filter(pk=key)
        for value in other_values(column, found.values_list(field, flat=True).get(), mark_of(name, field)):
            with contextlib.suppress(IntegrityError), transaction.atomic():
                found.update(**{field: value})
                changed = True
                break
    return changed


def change_all(rows: Rows, fields: list[tuple[str, str]]) -> list[str]:
    """Change all these fields, past constraints that tie them to others; return those of which there was no row."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger of a history refuses
        for table in {MODELS[name]._meta.db_table for name, _ in fields}:
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass", [table]
            )
            for (constraint,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
        missing = [f"{name}.{field}" for name, field in fields if not change(rows, name, field)]
        cursor.execute("SET LOCAL session_replication_role = origin")
    return missing


def difference(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return " / ".join(line.strip()[:160] for line in list(lines)[3:9])


@pytest.mark.long
@pytest.mark.parametrize("role", EVERY_ROLE)
def test_what_a_role_may_not_read_changes_nothing_that_it_gets(role: str, life: SimpleNamespace) -> None:
    client, hidden = client_of(life, role), hidden_from(role)
    asks = [*pages_and_exports(life), *lists(life.rows, role, opens_all=role == SUPERUSER), *autocompletes()]
    before = walk(client, asks)
    assert change_all(life.rows, hidden) == []
    after = walk(client, asks)
    differs = {name: difference(before[name], after[name]) for name in before if before[name] != after[name]}
    named = {name for who, name in FOLLOWS if who == role}
    assert {name: lines for name, lines in differs.items() if name not in named} == {}
    assert named <= set(differs), "a reason without a difference"
    assert words_in([after[name] for name in after if name not in named], hidden) == set()


def words_in(answers: Any, fields: list[tuple[str, str]]) -> set[str]:
    return {mark for mark in (mark_of(*one) for one in fields) if any(mark in answer for answer in answers)}


def test_the_plan_in_a_calendar_holds_no_word_of_a_field(life: SimpleNamespace) -> None:
    every = hidden_from(matrix.VISITOR)
    texts = [(name, field) for name, field in every if is_words(MODELS[name]._meta.get_field(field))]
    change_all(life.rows, texts)
    assert words_in(walk(Client(), [plan_feed(life.enrollment)]).values(), every) == set()


def test_who_may_read_a_field_gets_another_answer(life: SimpleNamespace) -> None:
    """The negative control: what a clinician may read is seen to change, on the page of every row."""
    client = client_of(life, CLINICIAN)
    asks = [ask for ask in lists(life.rows, CLINICIAN) if ask.name.startswith("change of ")]
    before = walk(client, asks)
    kept = {*hidden_from(CLINICIAN)}
    change_all(life.rows, [one for one in hidden_from(matrix.VISITOR) if one not in kept])
    after = walk(client, asks)
    shown = {
        f"change of {m.__name__}"
        for m in MODELS.values()
        if CLINICIAN in matrix.ADMIN_LISTS.get(str(m._meta.model_name), ())
    }
    assert len(shown) > 20
    assert {name for name in before if before[name] != after[name]} >= shown


def test_every_word_of_a_runner_is_in_their_own_export(life: SimpleNamespace) -> None:
    """And so the walk of others looks for words that are really in answers."""
    words = [
        (name, field)
        for name, field in hidden_from(matrix.VISITOR)
        if field not in HEALTH[name].hidden and is_words(MODELS[name]._meta.get_field(field))
    ]
    # Before anything is changed: to find out the address of a picture, a message with one is sent.
    asks = [ask for ask in pages_and_exports(life) if ask.name == "export"]
    change_all(life.rows, words)
    found = walk(client_of(life, RUNNER), asks)
    assert words_in(found.values(), words) == {mark_of(*one) for one in words}


def is_words(field: Any) -> bool:
    return isinstance(field, (models.CharField, models.TextField)) and not field.choices
