"""What the record and the log spare between two decisions (`strike.never`, `exercise.approval`), as tables."""

from datetime import date, datetime, timedelta

import pytest

from challenge.protocol.clinical_record import ComplaintDismissal, ComplaintRecord
from challenge.protocol.log_view import guarded_sites
from challenge.protocol.parameters import CLINIC
from challenge.protocol.runner_plan import PainRecord
from challenge.protocol.snapshot import JointReport
from challenge.protocol.vocabulary import ComplaintKind, ComplaintStatus, ExerciseId, Side, Site
from tests.protocol.story import START, at

DAY = timedelta(days=1)
AMBER = CLINIC.amber_from
PRESENT, SETTLING, PAST = ComplaintStatus.PRESENT, ComplaintStatus.SETTLING, ComplaintStatus.PAST


def report(
    site: Site = Site.KNEE,
    pain: int = AMBER,
    *,
    on: date = START,
    side: Side | None = Side.LEFT,
    logged_at: datetime | None = None,
) -> JointReport:
    return JointReport(site, on, pain, side, logged_at)


def record(
    status: ComplaintStatus,
    site: Site = Site.KNEE,
    *,
    since_on: date = START,
    side: Side | None = Side.LEFT,
    changed_at: datetime | None = None,
    kind: ComplaintKind | None = None,
    track_approved: bool = False,
) -> ComplaintRecord:
    return ComplaintRecord(
        "c-1", site, status, START - 30 * DAY, since_on, side, kind, track_approved, changed_at
    )


@pytest.mark.parametrize(
    ("site", "pain", "spared"),
    [
        (Site.KNEE, AMBER, True),
        (Site.HIP, AMBER, True),
        (Site.KNEE, AMBER - 1, False),
        (Site.LOWER_BACK, AMBER, False),
        (Site.ACHILLES, 10, False),
    ],
)
def test_one_report_spares_a_knee_or_a_hip_from_amber_on(site: Site, pain: int, spared: bool) -> None:
    assert (site in PainRecord(reports=(report(site, pain),)).spared_joints()) is spared
    assert (site in guarded_sites([(site, pain)])) is spared
    assert guarded_sites([(site, None), (None, pain)]) == frozenset()


def test_other_joints_are_sore_but_not_spared() -> None:
    back = PainRecord(reports=(report(Site.LOWER_BACK),))
    assert back.sore_joints() == {Site.LOWER_BACK}
    assert back.spared_joints() == frozenset()


@pytest.mark.parametrize("status", [PRESENT, SETTLING])
def test_an_open_complaint_is_spared_without_any_report(status: ComplaintStatus) -> None:
    assert PainRecord((record(status),)).spared_joints() == {Site.KNEE}


NOON = at(START, 12)


@pytest.mark.parametrize(
    ("known", "said", "covered"),
    [
        pytest.param(record(PRESENT), report(), True, id="a present complaint speaks of it"),
        pytest.param(record(PRESENT, Site.HIP), report(), False, id="a complaint elsewhere does not"),
        pytest.param(record(PRESENT, side=Side.RIGHT), report(), False, id="nor one of the other side"),
        pytest.param(record(PRESENT, side=None), report(), True, id="one without a side may be either"),
        pytest.param(record(PRESENT, side=Side.BOTH), report(), True, id="so may one of both sides"),
        pytest.param(record(PAST), report(on=START + DAY), False, id="pain after it ended is new"),
        pytest.param(record(PAST), report(on=START - DAY), True, id="pain before it ended is known"),
        pytest.param(record(PAST), report(), False, id="on the day itself it counts"),
        pytest.param(
            record(PAST, changed_at=NOON), report(logged_at=NOON), True, id="logged before the change"
        ),
        pytest.param(
            record(PAST, changed_at=NOON),
            report(on=START - DAY, logged_at=NOON + timedelta(hours=1)),
            False,
            id="logged after the change, for a day before it",
        ),
        pytest.param(
            record(PAST, changed_at=NOON), report(on=START - DAY), True, id="the moment is not known"
        ),
    ],
)
def test_a_record_answers_a_report_or_does_not(
    known: ComplaintRecord, said: JointReport, covered: bool
) -> None:
    assert (PainRecord((known,), (said,)).proposed() == frozenset()) is covered


@pytest.mark.parametrize(
    ("dismissed", "said", "answered"),
    [
        (ComplaintDismissal(Site.KNEE, Side.LEFT, NOON), report(logged_at=NOON), True),
        (
            ComplaintDismissal(Site.KNEE, Side.LEFT, NOON),
            report(logged_at=NOON + timedelta(minutes=1)),
            False,
        ),
        (ComplaintDismissal(Site.KNEE, Side.LEFT, NOON), report(on=START - DAY), True),
        (ComplaintDismissal(Site.KNEE, Side.LEFT, NOON), report(), False),
        (ComplaintDismissal(Site.KNEE, Side.RIGHT, NOON), report(logged_at=NOON), False),
        (ComplaintDismissal(Site.HIP, Side.LEFT, NOON), report(logged_at=NOON), False),
    ],
)
def test_no_complaint_answers_what_was_reported_until_then(
    dismissed: ComplaintDismissal, said: JointReport, answered: bool
) -> None:
    asked = PainRecord(reports=(said,), dismissals=(dismissed,)).proposed()
    assert asked == (frozenset() if answered else {(Site.KNEE, Side.LEFT)})


@pytest.mark.parametrize(
    ("apart", "proposed"), [(CLINIC.complaint_days - 1, True), (CLINIC.complaint_days, False), (0, False)]
)
def test_a_tendon_is_proposed_after_two_days_within_the_span(apart: int, proposed: bool) -> None:
    reports = (report(Site.ACHILLES), report(Site.ACHILLES, on=START + apart * DAY))
    assert (PainRecord(reports=reports).proposed() != frozenset()) is proposed


def test_the_guards_of_a_page_hold_joints_tracks_approvals_and_the_heel_bone() -> None:
    kept = PainRecord(
        (
            record(PRESENT, track_approved=True),
            record(PRESENT, Site.ACHILLES, kind=ComplaintKind.INSERTIONAL),
            record(PAST, Site.HIP),
        )
    ).guards([ExerciseId.HEAVY_CALF_RAISE.value])
    assert kept.joints == {Site.KNEE}
    assert tuple(kept.tracks) == (Site.KNEE,)
    assert kept.approved == {ExerciseId.HEAVY_CALF_RAISE}
    assert kept.heel_bone
    assert not PainRecord().guards().heel_bone
