"""The text that runners agree to, by version. Never edit a version: a new wording is a new version.

An owner's text (`clinic.queries.consent_in_force`) replaces the program's own; each change of it is a version too.
"""

from challenge.clinic.queries import consent_in_force

CURRENT_VERSION = "2026-2"

TEXTS: dict[str, tuple[str, ...]] = {
    "2026-1": (
        (
            "The challenge gives general training advice that a computer works out from my log by the clinic's rules. "
            "It is not a diagnosis and does not replace a visit to a clinician."
        ),
        (
            "The clinic keeps what I write here and in my log, pain included, to run the challenge. Its clinicians "
            "read it, and every look of theirs is recorded and shown to me. The front desk does not see it."
        ),
        (
            "Strength work and running can hurt. I stop and tell the clinic when something pops, swells, hurts on one "
            "spot of bone or makes me limp, and I see a doctor when it cannot wait."
        ),
        "It is a beta. I can pause, withdraw, take my data with me or have it erased at any time, on my own page.",
    ),
    "2026-2": (
        (
            "The challenge gives general training advice that a computer works out from my log by the clinic’s rules. "
            "It isn’t a diagnosis, and it doesn’t replace a visit to a clinician."
        ),
        (
            "The clinic keeps what I write here and in my log, including pain, to run the challenge. Its clinicians "
            "read it, and each time they do is recorded and shown to me. The front desk can’t see it."
        ),
        (
            "Strength work and running can cause pain or injury. I’ll stop and tell the clinic if something pops, "
            "swells, hurts on one spot of bone or makes me limp, and I’ll see a doctor if it can’t wait."
        ),
        "It’s a beta. I can pause, withdraw, take my data with me or have it erased at any time, on my own page.",
    ),
}


def current() -> tuple[str, tuple[str, ...]]:
    """Return the name and the paragraphs of the version in force."""
    return consent_in_force() or (CURRENT_VERSION, TEXTS[CURRENT_VERSION])
