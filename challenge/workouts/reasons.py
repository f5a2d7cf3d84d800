"""Why: the stored rule and facts of a decision, as the sentence for the runner's page."""

from typing import Any

from challenge.protocol.rules import Rule
from challenge.protocol.sentences import say


def why(reason: dict[str, Any] | None, *, kilometres: bool = False) -> str:
    """The runner's sentence of a reason as `Decision.to_data` stores it; empty where there is none."""
    if not reason:
        return ""
    facts = tuple((name, value) for name, value in reason["facts"])
    return say(Rule(reason["rule"]), facts, kilometres=kilometres).runner
