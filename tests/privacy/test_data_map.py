"""The data map has a line for each field with health data, and says what an export and an erasure really do."""

from pathlib import Path

import pytest
from django.apps import apps

from challenge.db.sealed import open_bytes
from challenge.messages.models import MessagePicture
from challenge.privacy.actions import erase_account
from challenge.privacy.queries import EVERY, everything_about
from tests.conftest import NOW
from tests.factories.lives import MARKER, make_life
from tests.factories.weekly import decide_week
from tests.privacy import data_map
from tests.privacy.data_map import BLANKED, BOOKKEEPING, DELETED, HEALTH, NOT_HEALTH, OWN_BOOKKEEPING

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security" / "data-map.md"
MODELS = {name: apps.get_model("challenge", name) for name in HEALTH}
# In the export under another name: what a person can open.
RENAMED = {"MessagePicture": {"content": "jpeg_base64"}}
EMPTY: tuple[object, ...] = (None, "", {}, [], "erased")


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == data_map.document(), (
        "python -m tests.privacy.data_map > docs/security/data-map.md"
    )


def test_every_model_with_a_person_is_in_the_map() -> None:
    covered = {m.__name__ for part in EVERY for m in part.COVERS if m._meta.app_label == "challenge"}
    assert covered == set(HEALTH) | NOT_HEALTH
    assert not set(HEALTH) & NOT_HEALTH


def test_every_exception_names_a_field() -> None:
    for name, held in HEALTH.items():
        fields = set(data_map.fields_of(MODELS[name]))
        named = held.stays | held.blanked | held.hidden | set(held.except_for)
        assert named <= fields, (name, named - fields)
        assert not held.stays & held.blanked, name
        all_fields = {one.name for one in MODELS[name]._meta.concrete_fields}
        assert OWN_BOOKKEEPING.get(name, frozenset()) <= all_fields, name
    everywhere = {one.name for model in MODELS.values() for one in model._meta.concrete_fields}
    assert sorted(BOOKKEEPING - everywhere) == []


@pytest.mark.django_db
def test_the_export_holds_every_field_that_the_map_says() -> None:
    life = make_life()
    decide_week(enrollment=life, week_starts_on=life.seat.cohort.starts_on, at=NOW)
    assert life.seat.user is not None
    tables = everything_about(life.seat.user)
    wrong = []
    for name, held in HEALTH.items():
        rows = tables[held.exported]
        assert rows, name
        for field in data_map.fields_of(MODELS[name]):
            column = RENAMED.get(name, {}).get(field, field)
            if (column in rows[0]) == (field in held.hidden):
                wrong.append(f"{name}.{field}")
    assert wrong == []


@pytest.mark.django_db
def test_erasing_does_what_the_map_says() -> None:
    life = make_life()
    decide_week(enrollment=life, week_starts_on=life.seat.cohort.starts_on, at=NOW)
    user = life.seat.user
    assert user is not None
    before = {
        name: set(model._default_manager.values_list("pk", flat=True)) for name, model in MODELS.items()
    }
    assert [name for name, keys in before.items() if not keys] == []
    picture = MessagePicture.objects.get()
    assert MARKER in open_bytes(picture.sealed_key, bytes(picture.content)).decode()
    erase_account(user=user, by=user, at=NOW)
    wrong = []
    for name, held in HEALTH.items():
        left = MODELS[name]._default_manager.filter(pk__in=before[name])
        for field in data_map.fields_of(MODELS[name]):
            values = list(left.values_list(field, flat=True))
            says = held.erased(field)
            if says == DELETED and values:
                wrong.append(f"{name}.{field} is not deleted")
            if says != DELETED and not values:
                wrong.append(f"{name}.{field} is deleted")
            if says == BLANKED and any(value not in EMPTY for value in values):
                wrong.append(f"{name}.{field} is not blanked")
    assert wrong == []
