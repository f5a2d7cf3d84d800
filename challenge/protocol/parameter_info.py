"""What a parameter means, kept with its value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from challenge.protocol.vocabulary import Status

_METHOD = "the clinic's published method"
_SILENT = "ours, where the clinic is silent"
PAIN_MODEL = "Silbernagel 2007, pain-monitoring model"
LONG_RUN = "BJSM 2025, 5,205 runners, hazard 1.64"
NIELSEN = "Nielsen 2014, not significant"


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """What one parameter means. `span` is what it may be set to."""

    says: str
    unit: str
    status: Status
    source: str
    span: tuple[int, int]


def number(value: int, says: str, unit: str, status: str, source: str, span: tuple[int, int]) -> Any:
    return field(default=value, metadata={"meaning": ParameterInfo(says, unit, Status(status), source, span)})


def clinic(value: int, says: str, unit: str, span: tuple[int, int]) -> Any:
    return number(value, says, unit, "clinic", _METHOD, span)


def evidence(value: int, says: str, unit: str, source: str, span: tuple[int, int]) -> Any:
    return number(value, says, unit, "evidence", source, span)


def default(value: int, says: str, unit: str, span: tuple[int, int], source: str = _SILENT) -> Any:
    return number(value, says, unit, "default", source, span)
