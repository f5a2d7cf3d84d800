"""Read stored decisions through their types. No other module of `care`, `weekly` or `notifications` reads the JSON."""

from collections.abc import Mapping
from typing import Any

from challenge.care.models import WeeklyTarget
from challenge.protocol.decision import Decision, PastDecision
from challenge.protocol.json_codec import revive, upcast


def decision_of(target: WeeklyTarget) -> Decision:
    """Return the whole decision. Raise ProtocolError for an erased person's, which is empty."""
    return Decision.from_json(target.decision)


def past_decision_of(stored: Mapping[str, Any]) -> PastDecision:
    """Return the part of a stored decision that later decisions need.

    Reading this part alone costs a third of `Decision.from_json`: a Monday reads every earlier week of every runner.
    """
    stored = upcast(stored)
    data = {name: stored[name] for name in ("week_on", "revision", "as_of", "log_as_of", "state", "cadence")}
    data["phase"] = stored["phase"]["present"]
    data["doses"] = [
        {name: exercise[name] for name in ("exercise", "step", "since_on")}
        for exercise in stored["exercises"]
    ]
    data["asked"] = [question["key"] for question in stored["questions"]]
    return revive(PastDecision, data, "past")
