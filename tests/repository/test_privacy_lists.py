"""Every model that reaches a person is covered by a part's export and erase."""

import importlib
import pkgutil
from typing import Any

import pytest
from django.apps import apps
from django.db import models

import challenge
from challenge.accounts.models import User

# Models about no runner: the clinic's own arrangements.
NOT_PERSONAL: set[str] = {
    "ClinicVersion",
    "Cohort",
    "CohortNote",
    "CohortParameters",
    "ErasedAccount",
    "ExerciseVideo",
    "Heartbeat",
    "HistoryNight",
    "HistoryOpening",
    "LoadedQuestionnaire",
    "NoticeSettings",
    "TeamMember",
    "TeamPicture",
}


def parts_with_privacy() -> list[Any]:
    names = [m.name for m in pkgutil.iter_modules(challenge.__path__, "challenge.") if m.ispkg]
    inside = [
        m.name for n in names for m in pkgutil.iter_modules(importlib.import_module(n).__path__, f"{n}.")
    ]
    return [importlib.import_module(name) for name in inside if name.endswith(".privacy")]


def covered() -> set[type[models.Model]]:
    return {model for part in parts_with_privacy() for model in part.COVERS}


def reaches_a_person(model: type[models.Model]) -> bool:
    return any(field.related_model is User for field in model._meta.concrete_fields)


# Our own, and those of libraries that lead to a person: addresses, devices, second factors, the admin's log.
HELD = [
    m
    for m in apps.get_models()
    if not m._meta.auto_created and (m._meta.app_label == "challenge" or reaches_a_person(m))
]


@pytest.mark.parametrize("model", HELD, ids=lambda m: m.__name__)
def test_every_model_is_exported_and_erased_or_named_as_not_personal(model: type[models.Model]) -> None:
    assert (model in covered()) != (model.__name__ in NOT_PERSONAL)


@pytest.mark.parametrize("part", parts_with_privacy(), ids=lambda p: p.__name__)
def test_a_part_that_covers_models_offers_export_and_erase(part: Any) -> None:
    assert callable(part.export)
    assert callable(part.erase)


def test_the_user_model_is_among_them() -> None:
    assert User in covered()
