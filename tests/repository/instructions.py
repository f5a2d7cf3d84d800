"""Patterns that find instructions to run, to log a run or to measure a cadence in the text of a page."""

import re
from html import unescape

INSTRUCTIONS = {
    "log a run": r"\blog (a|another|the first|one or two|your first) (run|session)|log the first run|another run",
    "a run to log": r"the (first run|first one|first) takes twenty seconds|runs you log until then",
    "measure it": r"measure (it|your|your own|my)\b|know your cadence|one easy run with a measured cadence",
    "count on a run": r"count one foot|count the steps|count every step|tap along|tap each time",
    "an easy run": r"\bon an easy\b",
    "run at a number": r"\brun at\b|hear (it|the beat)|steps a minute, both feet (·|\d)|set it to \d",
    "run as before": r"run as you did|go on as planned|start easy|your targets? (go|goes) on|your target waits",
    "how far": r"\bup to \d+\.\d (mi|km)|longest run: up|keep each run within",
    "the metronome": r"use the metronome|with the metronome most|metronome (for )?one minute|metronome at your target",
    "no need to stop": r"do not stop running to take part|stop running\? usually not|run inside a pain limit",
    "carrying on is as good": r"kept going under a pain limit|keeping going did no harm|kept running and jumping",
    "outside": r"\boutside,? when you can|mile on it counts",
    "as prescribed": r"done as prescribed",
    "claim a seat": r"\bclaim (a|the last) seat",
    "a number to ask for": r"this week asks for \d",
    "keep running": r"keep (you )?running|go on running|well run\b|how to keep going on your own|let any single run",
}
PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in INSTRUCTIONS.items()}
# The script of the page without a network shows `data-unless-stopped` only on a phone that knows of no stop.
_UNSEEN = re.compile(
    r"<(script|style|svg)\b.*?</\1>|<p data-unless-stopped hidden>.*?</p>|"
    r"<head>.*?(?=<title>)|</title>.*?</head>",
    re.DOTALL,
)


def words_of(html: str) -> str:
    """The words a reader sees, the title among them, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", _UNSEEN.sub(" ", html))).split())


def instructions_to_run(words: str) -> dict[str, str]:
    """Name of a pattern -> where it was found, for each that is."""
    found = {name: pattern.search(words) for name, pattern in PATTERNS.items()}
    return {name: words[max(0, hit.start() - 40) : hit.end() + 40] for name, hit in found.items() if hit}
