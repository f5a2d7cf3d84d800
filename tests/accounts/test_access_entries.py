"""Who looked at whose data."""

from datetime import datetime

import pytest

from challenge.accounts.actions import note_access
from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import who_looked_at

pytestmark = pytest.mark.django_db


def test_a_look_is_kept_with_who_whose_what_and_when(clinician: User, runner: User, now: datetime) -> None:
    note_access(viewer=clinician, runner=runner, what="runner page", at=now)
    entry = who_looked_at(runner).get()
    assert (entry.viewer, entry.what, entry.at) == (clinician, "runner page", now)


def test_looking_at_ones_own_data_is_no_entry(runner: User, now: datetime) -> None:
    note_access(viewer=runner, runner=runner, what="runner page", at=now)
    assert not AccessEntry.objects.exists()
