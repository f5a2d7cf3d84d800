"""`make reset` throws the local data away, unless a program is running on it."""

from pathlib import Path

import pytest

from thrive.devserver import supervisor
from thrive.devserver.lock import CannotStart, only_one


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Local data in a folder of their own."""
    folder = tmp_path / "var"
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("18")
    (folder / "postgres.log").write_text("ready")
    monkeypatch.setattr(supervisor, "VAR", folder)
    return folder


def test_everything_but_the_lock_goes(var: Path) -> None:
    supervisor.reset()
    assert [entry.name for entry in var.iterdir()] == ["lock"]


def test_nothing_is_removed_while_a_program_runs(var: Path) -> None:
    with (
        only_one(var, "http://localhost:8000"),
        pytest.raises(CannotStart, match="runs already at http://localhost:8000"),
    ):
        supervisor.reset()
    assert (var / "postgres" / "PG_VERSION").exists()


def test_a_folder_without_data_stays_as_it_is(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "VAR", var / "nothing")
    supervisor.reset()
    assert not (var / "nothing").exists()
