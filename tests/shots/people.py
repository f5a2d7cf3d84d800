"""The people of the pictures: the demo's accounts, and those of its stories whose weeks went differently."""

from challenge.accounts.models import User

DEMO = {
    "runner": "runner@demo.test",
    "new": "new@demo.test",
    "clinician": "clinician@demo.test",
    "desk": "desk@demo.test",
    "owner": "owner@demo.test",
    "superuser": "root@demo.test",
    "stopped": "beatrix@runners.demo.test",
    "at-180": "desmond@runners.demo.test",
    "kilometers": "lucía@runners.demo.test",
    "uncounted": "yuki@runners.demo.test",
    "stuck": "gideon@runners.demo.test",
    "seldom": "callum@runners.demo.test",
    "silent": "owen@runners.demo.test",
    "knee": "priya@runners.demo.test",
    "before-start": "ada@next.demo.test",
}


def people_of() -> dict[str, User | None]:
    """Role -> user; None for a visitor."""
    found = {user.email: user for user in User.objects.filter(email__in=DEMO.values())}
    return {who: found[email] for who, email in DEMO.items() if email in found} | {"visitor": None}
