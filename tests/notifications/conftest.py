"""The runner of the weekly tests, for notifications too."""

from tests.weekly.conftest import enrolled, enrolled_in

__all__ = ["enrolled", "enrolled_in"]
