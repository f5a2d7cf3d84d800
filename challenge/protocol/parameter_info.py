"""The meaning of a parameter, stored with its value in the field of the dataclass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from challenge.protocol.vocabulary import Status

_METHOD = "the clinic’s published method"
_SILENT = "the program’s default, where the clinic’s method says nothing"
PAIN_MODEL = "Silbernagel 2007, pain-monitoring model"
LONG_RUN = "BJSM 2025, 5,205 runners, hazard 1.64"
NIELSEN = "Nielsen 2014, not significant"


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """The meaning of one parameter. `span` is the range it may be set to, both ends included."""

    says: str
    unit: str
    status: Status
    source: str
    span: tuple[int, int]


def _number(value: int, says: str, unit: str, status: Status, source: str, span: tuple[int, int]) -> Any:
    return field(default=value, metadata={"info": ParameterInfo(says, unit, status, source, span)})


def clinic(value: int, says: str, unit: str, span: tuple[int, int]) -> Any:
    """Return the field of a number from the clinic's method."""
    return _number(value, says, unit, Status.CLINIC, _METHOD, span)


def evidence(value: int, says: str, unit: str, source: str, span: tuple[int, int]) -> Any:
    """Return the field of a number from a study."""
    return _number(value, says, unit, Status.EVIDENCE, source, span)


def default(value: int, says: str, unit: str, span: tuple[int, int], source: str = _SILENT) -> Any:
    """Return the field of a number of ours, where the clinic is silent."""
    return _number(value, says, unit, Status.DEFAULT, source, span)
