"""The runner's usual morning, a baseline for each site (`pain.morning`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from challenge.protocol.entries import MorningInput
from challenge.protocol.parameters import Parameters
from challenge.protocol.snapshot import IntakeInput
from challenge.protocol.vocabulary import Site
from challenge.protocol.whole_numbers import median


@dataclass(frozen=True, slots=True)
class UsualMorning:
    """Morning pain before the program changed it; `own` holds the sites that the intake's answer is not about."""

    stated: int | None
    own: dict[Site, int] = field(default_factory=dict)

    def at(self, site: Site | None) -> int | None:
        """Return the baseline of mornings at this site; where it has none yet, that of all mornings."""
        return self.stated if site is None else self.own.get(site, self.stated)


def usual_morning(
    mornings: Sequence[MorningInput], intake: IntakeInput, parameters: Parameters, *, per_site: bool = True
) -> UsualMorning:
    """Return the intake's answer, else the median of the first mornings; for other sites that of their own first."""
    # The intake's answer is from before the program, so the program cannot have changed it.
    stated = intake.pain_morning
    pains = [m.pain for m in mornings if m.pain is not None]
    general = stated if stated is not None else _first_median(pains, parameters)
    if not per_site:
        return UsualMorning(general)
    named = {complaint.site for complaint in intake.complaints if complaint.present and stated is not None}
    at_site: dict[Site, list[int]] = defaultdict(list)
    for morning in mornings:
        if morning.pain is not None and morning.site is not None and morning.site not in named:
            at_site[morning.site].append(morning.pain)
    medians = {site: _first_median(values, parameters) for site, values in at_site.items()}
    return UsualMorning(general, {site: usual for site, usual in medians.items() if usual is not None})


def _first_median(pains: Sequence[int], parameters: Parameters) -> int | None:
    first = pains[: parameters.baseline_mornings]
    return median(first) if len(first) == parameters.baseline_mornings else None
