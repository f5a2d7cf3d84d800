"""Who looks: the demo's accounts where there is a demo, else people made by the factories."""

from challenge.accounts.models import User
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_clinician, make_superuser, make_user

DEMO = {
    "runner": "runner@demo.test",
    "new": "new@demo.test",
    "clinician": "clinician@demo.test",
    "desk": "desk@demo.test",
    "owner": "owner@demo.test",
    "superuser": "root@demo.test",
}


def people_of() -> dict[str, User | None]:
    """Roles and their people; nobody for a visitor."""
    found = {who: User.objects.filter(email=email).first() for who, email in DEMO.items()}
    people: dict[str, User | None] = {who: user for who, user in found.items() if user is not None}
    if not people:
        runner = enroll(cohort=make_cohort()).seat.user
        people = {
            "runner": runner,
            "new": make_user(),
            "clinician": make_clinician(),
            "superuser": make_superuser(),
        }
    return people | {"visitor": None}
