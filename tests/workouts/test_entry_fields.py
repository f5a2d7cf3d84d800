"""Every column of an entry reaches every place that shows, stores or compares it.

The tests read the columns from the models, so that a column added tomorrow fails here wherever it was forgotten.
"""

import re
import uuid
from dataclasses import fields as dataclass_fields
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.test import Client

from challenge.enrollment.models import Enrollment
from challenge.protocol.entries import RunInput
from challenge.protocol.vocabulary import Symptom
from challenge.review.log_entries import log_lines
from challenge.workouts import actions, privacy
from challenge.workouts.models import EntryRevision, Morning, Run, StrengthSession

PLACE_IN_LOG = {"id", "enrollment", "key", "logged_at", "deleted_at"}
# Only a file measures these two: no form asks for them.
MEASURED_BY_A_FILE = {"started_at", "running_s"}
DAY = date(2026, 1, 6)
AT = datetime(2026, 1, 6, 18, 0, tzinfo=UTC)
NUMBERS = {"distance_m": 5200, "duration_s": 1800, "running_s": 1700, "cadence_spm": 168, "pain": 5}
OTHER_NUMBERS = {"distance_m": 6400, "running_s": 1200}  # pages show tenths of a mile and whole minutes


def columns(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.name not in PLACE_IN_LOG]


def names(model: type[models.Model]) -> list[str]:
    return [field.name for field in columns(model)]


def sample(field: Any) -> Any:
    """Return a value of the column that is not its default."""
    if isinstance(field, ArrayField):
        return [Symptom.choices()[-1][0]]
    if field.choices:
        return field.choices[-1][0]
    if isinstance(field, models.DateTimeField):
        return AT
    if isinstance(field, models.DateField):
        return DAY
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField):
        return NUMBERS.get(field.name, 7)
    return "as it was"


def other(field: Any) -> Any:
    """Return a second value of the column, different from `sample`."""
    if isinstance(field, ArrayField):
        return []
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.DateTimeField):
        return AT.replace(hour=12)
    if isinstance(field, models.DateField):
        return date(2026, 1, 5)
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField):
        return OTHER_NUMBERS.get(field.name, sample(field) + 1)
    return "otherwise"


def samples(model: type[models.Model]) -> dict[str, Any]:
    return {field.name: sample(field) for field in columns(model)}


def log_full_run(enrollment: Enrollment, key: uuid.UUID | None = None, **changed: Any) -> Any:
    values: Any = samples(Run) | changed
    return actions.log_run(enrollment=enrollment, key=key or uuid.uuid4(), by=None, at=AT, **values)


def asked_on(page: str) -> set[str]:
    """Return the names of the inputs of a page; the boxes of a duration count as one."""
    inputs = re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page)
    return {re.sub(r"_[hms]$", "", name) if name.startswith("duration") else name for name in inputs}


@pytest.mark.parametrize(("path", "model"), [("/log/run/", Run), ("/log/morning/?on=2026-01-06", Morning)])
def test_the_form_asks_for_every_field(phone: Client, path: str, model: type[models.Model]) -> None:
    assert set(names(model)) - MEASURED_BY_A_FILE <= asked_on(phone.get(path).content.decode())


@pytest.mark.parametrize(
    ("form", "model"), [("run", Run), ("strength", StrengthSession), ("morning", Morning)]
)
def test_the_form_without_a_network_asks_for_every_field(
    client: Client, db: None, form: str, model: type[models.Model]
) -> None:
    page = client.get("/log/offline/").content.decode()
    own = page.split(f'action="/log/{form}/"', 1)[1].split("</form>", 1)[0]
    assert set(names(model)) - MEASURED_BY_A_FILE <= asked_on(own)


@pytest.mark.parametrize("model", [Run, Morning])
def test_a_correction_keeps_every_field_it_does_not_change(
    phone: Client, enrollment: Enrollment, model: type[Any]
) -> None:
    log: Any = log_full_run if model is Run else log_full_morning
    entry = log(enrollment).entry
    address = f"/log/{entry.kind}/{entry.pk}/"
    form = phone.get(address).context["form"]
    posted = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    if "duration_s" in posted:
        posted |= {"duration_s_h": "0", "duration_s_m": "30", "duration_s_s": "0"}
        del posted["duration_s"]
    if "distance_m" in posted:
        posted["distance_m"] = "5.2 km"
    answer = phone.post(address, posted | {"note": "one word more"})
    assert answer.status_code == 302
    entry.refresh_from_db()
    stored = {name: getattr(entry, name) for name in names(model)}
    assert stored == samples(model) | {"note": "one word more"}


def log_full_morning(enrollment: Enrollment) -> Any:
    values: Any = samples(Morning)
    return actions.log_morning(enrollment=enrollment, key=uuid.uuid4(), by=None, at=AT, **values)


@pytest.mark.parametrize("field", columns(Run), ids=names(Run))
def test_another_value_of_any_field_makes_the_same_form_another_entry(
    enrollment: Enrollment, field: Any
) -> None:
    first = log_full_run(enrollment, key := uuid.uuid4())
    again = log_full_run(enrollment, key)
    changed = log_full_run(enrollment, key, **{field.name: other(field)})
    assert (again.entry, again.created) == (first.entry, False)
    assert changed.another
    assert changed.entry != first.entry


def test_history_and_export_hold_every_field(enrollment: Enrollment) -> None:
    log_full_run(enrollment)
    assert set(names(Run)) <= set(EntryRevision.objects.get().values)
    assert enrollment.seat.user is not None
    exported = dict(privacy.export(enrollment.seat.user))
    assert set(names(Run)) <= set(next(iter(exported["run"])))


@pytest.mark.parametrize("field", columns(Run), ids=names(Run))
def test_the_page_of_the_clinician_shows_every_field(enrollment: Enrollment, field: Any) -> None:
    log_full_run(enrollment)
    log_full_run(enrollment, **{field.name: other(field)})
    first, second = [line for kind, lines in log_lines(enrollment) if kind == "run" for line in lines]
    assert (first.day, first.words) != (second.day, second.words)


def test_the_engine_reads_every_field_but_the_note() -> None:
    assert set(names(Run)) - {"note"} <= {field.name for field in dataclass_fields(RunInput)}
