"""The demo's accounts and cohorts, created through the actions that the pages call."""

import io
import random
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from PIL import Image, ImageDraw

from challenge.accounts.models import User
from challenge.accounts.roles import CLINICIAN, FRONT_DESK, OWNER
from challenge.calls.schedule_models import Availability, Hours
from challenge.clinic.actions import save_clinic
from challenge.clinic.pictures import redrawn
from challenge.clinic.queries import with_defaults
from challenge.enrollment.actions import hold_seat
from challenge.enrollment.models import Cohort, CohortClinician, EmailContent
from challenge.intake.actions import ComplaintAnswer, IntakeAnswers, finish
from challenge.intake.queries import CURRENT_VERSION
from challenge.operations.demo.log_days import DemoRunner
from challenge.operations.demo.stories import OPEN_NAMES, RunnerStory
from challenge.pages.models import TeamMember, TeamPicture
from challenge.protocol.local_week import local_day
from challenge.protocol.vocabulary import CadenceSource, Site

PASSWORD = "run-pain-free-26"  # noqa: S105 - shown in the README; the demo refuses to run unless DEBUG is on
STAFF = (
    ("clinician@demo.test", "Dr. Solveig Aker", CLINICIAN),
    ("desk@demo.test", "Marcus Bell", FRONT_DESK),
    ("owner@demo.test", "Leontyne Okafor", OWNER),
)

TEAM = (
    (
        "Dr. Solveig Aker",
        "physical therapist, runner",
        "Reads every log of the cohort and decides the phases. Has had an Achilles of her own to settle.",
        "#e4d3b5",
    ),
    (
        "Leontyne Okafor",
        "strength coach, owner",
        "Writes the exercises and keeps the seats few enough that each runner is seen.",
        "#cfdccf",
    ),
)


@cache
def _password_hash() -> str:
    """Return the hash of the shared password; hashing is slow by design, so it is done once."""
    return make_password(PASSWORD)


def make_user(email: str, name: str, **fields: object) -> User:
    """Create a verified account with the demo's password."""
    user = User.objects.create(email=email, password=_password_hash(), name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def make_clinic(*, at: datetime) -> None:
    """Name the demo's clinic; every other clinic writes its own words at /admin/clinic/."""
    place = {"address": "12 Mill Street, Minneapolis", "hours": "Monday to Friday, 8 to 5"}
    words = with_defaults({"name": "Thrive HQ"} | place)
    save_clinic(words=words, based_on=0, author="the demo", reason="", at=at)


def make_team(*, at: datetime) -> None:
    """Put the people of the clinic on the home page, each with a drawn head in place of a photograph."""
    for position, (name, role, sentence, paper) in enumerate(TEAM, 1):
        member = TeamMember.objects.create(name=name, role=role, sentence=sentence, position=position)
        jpeg = _drawn_head(paper)
        TeamPicture.objects.create(member=member, jpeg=jpeg, digest=sha256(jpeg).hexdigest()[:16], at=at)


def _drawn_head(paper: str) -> bytes:
    picture = Image.new("RGB", (240, 240), paper)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((78, 46, 162, 146), fill="#12352b")
    pen.ellipse((30, 160, 210, 400), fill="#12352b")
    written = io.BytesIO()
    picture.save(written, "PNG")
    return redrawn(written.getvalue())


def make_staff() -> User:
    """Create the clinician, front desk, owner and superuser; return the clinician."""
    for email, name, role in STAFF:
        make_user(email, name, is_staff=True).groups.add(Group.objects.get(name=role))
    make_user("root@demo.test", "Root", is_staff=True, is_superuser=True)
    clinician = User.objects.get(email=STAFF[0][0])
    _make_hours(clinician)
    return clinician


def _make_hours(clinician: User) -> None:
    """Offer calls on weekdays from 9 to 12 local time, so that there is something to book."""
    availability = Availability.objects.create(staff=clinician, time_zone=clinician.time_zone)
    for weekday in range(5):
        Hours.objects.create(availability=availability, weekday=weekday, starts=time(9), ends=time(12))


def make_full_cohort(
    *, stories: tuple[RunnerStory, ...], monday: date, clinician: User, seed: int
) -> list[DemoRunner]:
    """Create a cohort that started on `monday`, each seat confirmed by a runner with a story."""
    opens_at = datetime.combine(monday - timedelta(days=28), time(9), clinician.zone)
    cohort = Cohort.objects.create(
        name="First Twenty" if len(stories) == 20 else f"First {len(stories)}",
        slug="first",
        capacity=len(stories),
        opens_at=opens_at,
        starts_on=monday,
    )
    CohortClinician.objects.create(cohort=cohort, user=clinician)
    return [
        _enroll(cohort, story, number, at=opens_at + timedelta(minutes=37 * number), seed=seed)
        for number, story in enumerate(stories)
    ]


def _enroll(cohort: Cohort, story: RunnerStory, number: int, *, at: datetime, seed: int) -> DemoRunner:
    email = "runner@demo.test" if number == 0 else f"{story.name.split()[0].lower()}@runners.demo.test"
    user = make_user(email, story.name, time_zone=story.time_zone)
    hold_seat(cohort=cohort, user=user, by=user, at=at)
    enrollment = finish(
        cohort=cohort, user=user, answers=_answers(story, number, at), by=user, at=at + timedelta(minutes=9)
    )
    return DemoRunner(story, enrollment, random.Random(seed * 1000 + number))  # noqa: S311 - a story's randomness, not a secret


def _answers(story: RunnerStory, number: int, at: datetime) -> IntakeAnswers:
    complaints = []
    if story.site is not None:
        morning = min(10, story.pain + 1)
        complaints.append(ComplaintAnswer(story.site, story.side, pain_now=story.pain, pain_morning=morning))
    if story.knee_too:
        complaints.append(ComplaintAnswer(Site.KNEE, story.side, pain_now=2, pain_morning=1))
    return IntakeAnswers(
        name=story.name,
        phone=f"+1 612 555 {1000 + number:04d}",
        time_zone=story.time_zone,
        email_content=EmailContent.LINK if story.only_a_link else EmailContent.TARGETS,
        consent_version=CURRENT_VERSION,
        uses_kilometers=story.uses_kilometers,
        runs_per_week=len(story.days),
        usual_week_m=story.usual_m * (len(story.days) - 1) + story.long_m,
        longest_run_m=story.long_m,
        training_block_started_on=(at - timedelta(days=20)).date(),
        used_to_hills=True,
        baseline_cadence_spm=story.baseline_spm,
        baseline_cadence_source=CadenceSource.WATCH if story.baseline_spm else "",
        strike=story.strike,
        surface=story.surface,
        arch=story.arch,
        shoe=story.shoe,
        complaints=tuple(complaints),
        goals=story.goals,
    )


def make_open_cohort(*, now: datetime, clinician: User) -> Cohort:
    """Create a cohort that starts in three weeks with thirteen seats taken, and one verified account without a seat."""
    today = local_day(now, clinician.zone)
    cohort = Cohort.objects.create(
        name="Next Twenty",
        slug="next",
        opens_at=now - timedelta(days=2),
        starts_on=today + timedelta(days=21 - today.weekday()),
    )
    CohortClinician.objects.create(cohort=cohort, user=clinician)
    for number, name in enumerate(OPEN_NAMES):
        story = RunnerStory(name, 158 + number)
        email = f"{name.split()[0].lower()}@next.demo.test"
        user = make_user(email, name, time_zone=story.time_zone)
        at = now - timedelta(hours=40 - number)
        hold_seat(cohort=cohort, user=user, by=user, at=at)
        finish(cohort=cohort, user=user, answers=_answers(story, 100 + number, at), by=user, at=at)
    make_user("new@demo.test", "Noor Newcombe")
    return cohort
