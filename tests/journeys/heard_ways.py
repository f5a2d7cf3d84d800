"""The twelve ways that are read aloud: who goes them, and what they do. `heard/` has a script for each.

They are gone one after the other in one world, as a day of the clinic goes: a clinician ends it on the board.
"""

import re
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import FilePayload, Page

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment
from challenge.mail.models import OutboxMessage
from challenge.messages.actions import send_message
from challenge.workouts.import_actions import read_next
from challenge.workouts.strength_session_models import GuidedSet
from tests.calls.test_unconfirmed import link_in
from tests.factories.activity_files import Stretch, fit_run
from tests.journeys.listening import Way
from tests.journeys.world import World
from tests.messages.conftest import picture_bytes
from tests.program import eventually

Go = Callable[[Way, World], None]
NONE = "None of these"
WREN = "wren@runners.test"


def enroll(way: Way, world: World) -> None:
    """From the first page to a seat."""
    way.opens("/")
    way.follow("Claim a seat")
    way.follow("Start with your email")
    way.fill("Email", WREN)
    way.send("Send me a code")
    code = re.search(r"code: (\S+)", OutboxMessage.objects.filter(to_email=WREN).latest("pk").text)
    assert code is not None
    way.page.get_by_label("Code").fill(code[1])  # another one each time, so the script leaves it out
    way.send("Confirm")
    way.send("Hold a seat")


def intake(way: Way, world: World) -> None:
    """The four pages of the intake with a stop symptom, and a questionnaire."""
    way.opens("/join/intake/you/")
    way.send("Save and continue")
    way.fill("Phone", "612 555 0100")
    way.check("I’m 18 or older")
    way.send("Save and continue")
    way.check("Later", within="Your cadence")
    way.send("Save and continue")
    way.send("Save and continue")
    way.check(NONE, within="Your Achilles tendon")
    way.check("A limp that stays after warming up", within="Any of these in the last few weeks")
    way.send("Save and continue")
    way.check("Only send me a link")
    way.check("I have read this and agree")
    way.send("Confirm my seat")
    way.opens("/questions/")
    way.follow("Three things", until="[data-place]")
    way.fill("What matters most to you?", "The hill home")
    way.check("4", within="How well can you do it now?")
    way.press("Next")
    way.press("Next")
    way.check("Leave unanswered questions blank")
    way.send("Send")


def log_run(way: Way, world: World) -> None:
    """From today to a run that hurt: what is missing, the answer, and what it shows."""
    way.opens("/today/")
    way.follow("Log")
    way.follow("Run")
    way.send("Save the run")
    way.fill("Distance", "3.1")
    way.fill("minutes", "30")
    way.check("6", within="Worst pain on this run")
    way.send("Save the run")
    way.check("Achilles tendon", within="Where")
    way.check("Left", within="Which side")
    way.send("Save the run")
    way.follow("Progress")


# The phone's queue is empty, and the line about what waits in it says so.
ALL_SENT = """waiting.all().then(all => !all.length && !document.querySelector("[data-saved]").textContent)"""


def stored(page: Page, **as_told: int) -> None:
    """Wait until the set has come to the server, and the page knows."""
    eventually(GuidedSet.objects.filter(seconds=45, **as_told).exists, what="the set is stored")
    page.wait_for_function(ALL_SENT)


def strength(way: Way, world: World) -> None:
    """A guided session: a set is counted, the rest, the next set, and the end with pain."""
    way.opens("/log/strength/")
    way.press("Start", until='[data-screen="set"]')
    way.press("Start", until='[data-screen="count"]')
    way.waits(6)
    way.heard()
    way.waits(15)
    way.heard()
    way.waits(30)
    way.page.locator('[data-screen="rest"]').wait_for()
    stored(way.page)
    way.heard()
    way.check("5", within="Pain in that set")
    way.page.get_by_role("button", name="Go now").click()
    stored(way.page, pain=5)
    way.heard("press Go now")
    way.press("Stop", until='[data-screen="stopped"]')
    way.press("Save this set", until='[data-screen="rest"], [data-screen="set"]')
    way.press("All exercises", until='[data-screen="overview"]')
    way.press("Finish here", until='[data-screen="finish"]')
    way.press("Save the session", until="[data-problem]")
    way.check("5", within="Worst pain in this session")
    way.check("Achilles tendon", within="Where")
    way.check("Left", within="Which side")
    way.send("Save the session")


def strength_by_hand(way: Way, world: World) -> None:
    """A session that is logged by hand, its second set with pain."""
    way.opens("/log/strength/by-hand/")
    way.send("Save what I checked")
    way.check("Set 1")
    way.check("Set 2")
    way.check("2", within="Worst pain in this session")
    way.send("Save what I checked")


def morning(way: Way, world: World) -> None:
    """From today to the morning after, and its answer."""
    way.opens("/today/")
    way.follow("How was")
    way.send("Save the morning")
    way.check("6", within="Worst pain getting up")
    way.check("Achilles tendon", within="Where")
    way.check("Left", within="Which side")
    way.send("Save the morning")


def plan(way: Way, world: World) -> None:
    """The plan, this week of it, and the calendar."""
    way.opens("/plan/")
    way.follow("Week 3")
    way.follow("Week 2")
    way.follow("Your plan")
    way.follow("Add your plan to your calendar")


def metronome(way: Way, world: World) -> None:
    """The metronome: start, another tempo, stop; and a cadence that is counted."""
    way.opens("/metronome/")
    way.press("Start")
    way.press("One faster")
    way.check("Every third")
    way.heard()
    way.press("Stop")
    way.fill("Landings of one foot", "41")
    way.heard()


def import_file(way: Way, world: World) -> None:
    """A file of a watch: choose it, look at the run, save it."""
    data = fit_run([Stretch(1200)], start=timezone.now() - timedelta(hours=3))
    way.opens("/log/import/")
    way.attach("Files from", {"name": "run.fit", "mimeType": "application/octet-stream", "buffer": data})
    way.send("Read the files")
    while read_next(at=timezone.now()):
        pass
    with way.page.expect_navigation():
        way.waits(2)
    way.heard()
    way.send("Save")
    way.check("2", within="Worst pain")
    way.send("Save")


def messages(way: Way, world: World) -> None:
    """A message with a picture, the question that its words ask for, and the clinic's answer."""
    way.opens("/messages/")
    way.send("Send")
    way.waits(60)
    way.fill("Write to your clinician", "My ankle is swollen. May I run?")
    picture: FilePayload = {
        "name": "ankle.jpg",
        "mimeType": "image/jpeg",
        "buffer": picture_bytes((320, 240)),
    }
    way.attach("Pictures", picture)
    way.send("Send")
    way.waits(60)
    way.send(NONE)
    runner = Enrollment.objects.get(pk=world.values["runner"])
    ada = User.objects.get(pk=world.values["clinician"])
    send_message(enrollment=runner, text="Rest it today. I’ll call you.", by=ada, at=timezone.now())
    way.opens("/messages/")
    way.send("I’ve read it")


def call(way: Way, world: World) -> None:
    """A call: a time, details, the confirmation, another time."""
    way.opens("/call/")
    way.follow("11:30")
    way.fill("Your name", "Robin Vale")
    way.fill("Email", "robin@callers.test")
    way.send("Book this call")
    way.opens(link_in("robin@callers.test"), says="open the link in the email")
    way.send("Confirm the call")
    way.follow("Move it")
    way.follow("11:00")
    way.send("Move the call")


def board(way: Way, world: World) -> None:
    """A clinician's board by keyboard: open a runner, decide, take it back, on to the next."""
    way.opens("/admin/review/autumn/")
    way.key("n")
    way.key("n")
    way.key("Enter", leads=True)
    way.send("Seen, continue")
    way.send("Undo red pain")
    way.key("n", leads=True)


WAYS: dict[str, tuple[str, Go]] = {
    "enroll": ("visitor", enroll),
    "intake": ("joining", intake),
    "plan": ("runner", plan),
    "metronome": ("runner", metronome),
    "log-run": ("runner", log_run),
    "strength": ("bare", strength),
    "strength-by-hand": ("runner", strength_by_hand),
    "morning": ("runner", morning),
    "import": ("runner", import_file),
    "messages": ("runner", messages),
    "call": ("visitor", call),
    "board": ("clinician", board),
}
