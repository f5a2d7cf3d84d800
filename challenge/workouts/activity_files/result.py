"""What a file said, in plain values that travel as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

ONE_FOOT = "one_foot"
BOTH_FEET = "both_feet"


@dataclass(frozen=True, slots=True)
class FileRun:
    """One run of a file. The caller judges dates against the clock; the reader has none.

    `distance_m` is whole meters, None where the file gives no way to know it. `duration_s` is the timer's
    time, without pauses; `elapsed_s` includes them. `cadence_spm` counts both feet and is the time-weighted
    median of the running samples alone; `running_s` is how long these lasted; `cadence_raw` is the
    same median as the file writes it, in `cadence_unit` (`one_foot`, `both_feet`).
    """

    started_at: datetime
    distance_m: int | None
    duration_s: float
    elapsed_s: float
    cadence_spm: int | None
    running_s: float
    cadence_raw: float | None
    cadence_unit: str | None
    indoor: bool
    file_format: str
    source_device: str
    file_name: str
    file_sha256: str
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Values that JSON knows; `started_at` in ISO 8601 with its zone."""
        return asdict(self) | {"started_at": self.started_at.isoformat(), "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FileRun:
        """The run that `to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        started_at = datetime.fromisoformat(values["started_at"])
        if started_at.tzinfo is None:
            raise ValueError("a run starts at a moment with a zone")
        return cls(**values | {"started_at": started_at, "warnings": tuple(values["warnings"])})


@dataclass(frozen=True, slots=True)
class FileResult:
    """The runs of one upload, or the sentence that says why there is none.

    `warnings` speak about the upload (parts and files left out), each run's own about that run. `sha256` is
    the upload's identity; for a file inside a zip `Run.file_sha256` is the identity of that file.
    """

    runs: tuple[FileRun, ...] = ()
    refusal: str | None = None
    warnings: tuple[str, ...] = ()
    sha256: str = ""

    def to_json(self) -> dict[str, Any]:
        """Values that JSON knows."""
        return {
            "runs": [run.to_json() for run in self.runs],
            "refusal": self.refusal,
            "warnings": list(self.warnings),
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FileResult:
        """The reading that `to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        return cls(
            runs=tuple(FileRun.from_json(run) for run in values["runs"]),
            refusal=values["refusal"],
            warnings=tuple(values["warnings"]),
            sha256=values["sha256"],
        )
