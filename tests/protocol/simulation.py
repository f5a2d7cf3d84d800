"""Twelve weeks of twenty invented runners as one table: `python -m tests.protocol.simulation > docs/simulation.md`."""

import sys
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from challenge.protocol.decision import Decision
from challenge.protocol.snapshot import ComplaintRecord, CorrectionInput, FlagInput, PhaseInput
from challenge.protocol.vocabulary import HeelStrikeStep, Phase, Rule, WeekState
from challenge.protocol.weekly import decide, state_of
from tests.protocol.runners import RUNNERS, Runner
from tests.protocol.story import START, at, monday, snapshot

LAST = 12
DAY = timedelta(days=1)

_MARKS = {
    Rule.CADENCE_HOLD_PAIN: "h",
    Rule.CADENCE_HOLD_NO_DATA: "n",
    Rule.CADENCE_STUCK: "s",
    Rule.CADENCE_CAP: "c",
    Rule.CADENCE_BASELINE: "b",
    Rule.DECISION_BY_HAND: "x",
}


@dataclass
class Played:
    """One runner's weeks as they were decided; the clinician accepts every proposal on its Tuesday."""

    runner: Runner
    log: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    phases: tuple[PhaseInput, ...] = (PhaseInput(Phase.SETTLE, START),)
    decisions: list[Decision] = field(default_factory=list)
    mondays: list[Decision | None] = field(default_factory=list)

    def decide(self, week: int, day: date) -> Decision | None:
        """The next revision of a week, or None where none is due."""
        revision = 1 + sum(d.week_on == monday(week) for d in self.decisions)
        made: dict[str, Any] = {
            "as_of": at(day),
            "today_on": day,
            "log_as_of": at(monday(week)),
            "intake": self.runner.intake,
            "revision": revision,
            "phases": self.phases,
            "past": tuple(d.past() for d in self.decisions),
            **self.runner.care,
        }
        made["flags"] = tuple(FlagInput(*flag[:3]) for flag in self.runner.flags if flag[1] <= day < flag[3])
        known = {name: tuple(e for e in log if e.logged_at <= at(day)) for name, log in self.log.items()}
        made["complaints"] = self._complaints(day)
        corrected = [c for c in self.runner.corrections if c[1] <= at(day)]
        made["corrections"] = tuple(CorrectionInput(key, moment, old) for key, moment, old, _ in corrected)
        pains = {key: old for key, _, old, _ in self.runner.corrections} | {c[0]: c[3] for c in corrected}
        known["runs"] = tuple(replace(r, pain=pains.get(r.key, r.pain)) for r in known.get("runs", ()))
        s = snapshot(week, **known, **made)
        if revision == 1 and state_of(s) in (WeekState.PAUSED, WeekState.WITHDRAWN):
            return None
        decision = decide(s)
        self.decisions.append(decision)
        return decision

    def _complaints(self, day: date) -> tuple[ComplaintRecord, ...] | None:
        """Return each complaint in its last state of that day; None leaves it to the intake."""
        if not self.runner.complaints:
            return None
        return tuple({c.key: c for c in self.runner.complaints if c.since_on <= day}.values())

    def play(self) -> "Played":
        for week in range(1, LAST + 2):
            decision = self.decide(week, monday(week))
            self.mondays.append(decision)
            if decision is not None and decision.phase.proposed is not None and self._accepts(decision):
                self.phases = (*self.phases, PhaseInput(decision.phase.proposed, monday(week) + DAY))
                self.decide(week, monday(week) + DAY)
            if week <= LAST:
                target = self.decisions[-1].cadence.target_spm if decision is not None else None
                for name, entries in self.runner.live(week, target, self.phases[-1].phase).items():
                    self.log[name] = (*self.log.get(name, ()), *entries)
        return self

    def _accepts(self, decision: Decision) -> bool:
        """Return whether the clinician accepts: not on hold, not finished, and with something logged."""
        return decision.state is WeekState.ACTIVE and (decision.week_number == 1 or bool(self.log))

    def cells(self) -> list[str]:
        """One short word per week: the target, why it stays, and the phase where it changes."""
        words, phase = [], 0
        for decision in self.mondays:
            if decision is None:
                words.append("paused")
                continue
            now = self._phase_after(decision)
            words.append(_word(decision) + (f" P{now}" if now != phase else ""))
            phase = now
        return words

    def _phase_after(self, decision: Decision) -> int:
        return [d for d in self.decisions if d.week_on == decision.week_on][-1].phase.present.value


def _word(decision: Decision) -> str:
    if decision.on_hold:
        return "STOP"
    target = decision.cadence.target_spm
    mark = _MARKS.get(decision.cadence.reason.rule, "")
    warned = "!" if decision.caution is not None and not decision.caution.information else ""
    strike = "~" if decision.strike.step in (HeelStrikeStep.ON_HEEL, HeelStrikeStep.RETURNING) else ""
    asked = "?" if decision.questions else ""
    return f"{'-' if target is None else target}{mark}{warned}{strike}{asked}"


def text() -> str:
    """The page: a legend, then one row per runner."""
    head = ["runner", *(str(week) for week in range(1, LAST + 1)), "end", "the story"]
    lines = [_HEAD, _row(head), _row(["---"] * len(head))]
    lines += [_row([runner.name, *Played(runner).play().cells(), runner.story]) for runner in RUNNERS]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


_HEAD = """# Twelve weeks of twenty runners

Invented runners, played through the engine week by week; a test fails when this page and the engine differ. In every
week the number is the cadence target that Monday's decision gives; the clinician accepts a phase proposal on the
Tuesday (not for a runner who has logged nothing).

`-` no number · `h` held for pain · `n` nothing logged · `s` stuck · `c` at 180 or above · `b` baseline (not known yet,
or replaced) · `x` set by hand · `!` a load warning · `~` heel strike for a while · `?` a question for a clinician ·
`P2` phase 2 begins this week · `STOP` a stop flag is open: targets on hold · `paused` no decision
"""

if __name__ == "__main__":
    sys.stdout.write(text())
