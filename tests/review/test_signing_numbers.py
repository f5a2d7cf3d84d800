"""A number of the method changes for one cohort through What if, signed by its clinician or an owner."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import AccessEntry
from challenge.care.models import WeeklyTarget
from challenge.enrollment.cohort_parameters import CohortParameters, next_monday
from challenge.enrollment.models import Cohort
from challenge.protocol.decision import Decision
from tests.factories.log import log_run
from tests.factories.people import make_front_desk, make_owner, use_second_factor
from tests.factories.weekly import decide_week
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db
CHANGE = {"name": "settle_days", "value": "10"}


def signed() -> Any:
    return CohortParameters.objects.filter(by__isnull=False)


def what_if(care: SimpleNamespace) -> str:
    return f"/admin/review/{care.cohort.slug}/what-if/"


def test_what_if_shows_what_would_have_differed_and_then_it_is_signed(
    care: SimpleNamespace, desk: Client
) -> None:
    shown = desk.get(what_if(care), CHANGE).content.decode()
    assert "decisions would have differed" in shown
    assert "Sign it for this cohort" in shown
    answer = desk.post(f"{what_if(care)}sign/", CHANGE | {"reason": "Our runners need longer."}, follow=True)
    assert "Signed: in force from Monday" in answer.content.decode()
    row = signed().get()
    assert (row.altered, row.by, row.from_week_on) == ({"settle_days": 10}, care.clinician, monday(-1))
    assert "Our runners need longer." in answer.content.decode()
    assert "days in phase 1" not in answer.content.decode() or "now 10" in answer.content.decode()


def test_next_mondays_decision_and_its_sentences_have_the_new_number(
    care: SimpleNamespace, desk: Client
) -> None:
    change = {"name": "long_run_percent", "value": "105", "reason": "Slower here."}
    desk.post(f"{what_if(care)}sign/", change)
    for ago in (0, 7, 14, 21):  # without runs for two weeks another rule limits the longest one
        log_run(care.runner, timezone.localdate() - timedelta(days=ago))
    decide_week(enrollment=care.runner, week_starts_on=monday(-1), at=moment(monday(-1), 13))
    target = WeeklyTarget.objects.latest("week_starts_on")
    assert target.parameters["long_run_percent"] == 105
    assert target.parameters_version == signed().get().version
    longest = Decision.from_json(target.decision).longest_run
    assert longest is not None
    assert longest.reason.fact("long_run_percent") == 105
    earlier = WeeklyTarget.objects.exclude(pk=target.pk)
    assert {row.parameters["long_run_percent"] for row in earlier} == {110}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"value": "500"}, "choose a whole number from 1 to 60"),
        ({"value": "7"}, "already in force"),
        ({"value": "many"}, "Enter a whole number."),
        ({"reason": ""}, "Say why in a few words"),
        ({"name": "no_such"}, "Choose one of the numbers in the list"),
    ],
)
def test_what_cannot_be_signed_is_said_and_nothing_typed_is_lost(
    care: SimpleNamespace, desk: Client, values: dict[str, str], sentence: str
) -> None:
    answer = desk.post(f"{what_if(care)}sign/", CHANGE | {"reason": "Written at length."} | values)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert sentence in shown
    assert ("Written at length." in shown) is ("reason" not in values)
    assert not signed().exists()


def test_a_cohort_that_is_over_is_refused(care: SimpleNamespace, desk: Client) -> None:
    over = Cohort.objects.create(
        name="The last ones", slug="over", opens_at=moment(monday(30)), starts_on=monday(20), weeks=12
    )
    over.clinicians.create(user=care.clinician)
    answer = desk.post("/admin/review/over/what-if/sign/", CHANGE | {"reason": "Too late."})
    assert answer.status_code == 409
    assert "This cohort is over" in answer.content.decode()


def test_an_owner_signs_and_reads_counts_but_no_runner(care: SimpleNamespace, client: Client) -> None:
    owner = make_owner()
    client.force_login(owner)
    use_second_factor(client, owner)
    shown = client.get(what_if(care), CHANGE).content.decode()
    assert "decisions would have differed" in shown
    assert "Odalys" not in shown
    assert "Only their clinicians see who." in shown
    assert not AccessEntry.objects.filter(viewer=owner).exists()
    assert client.post(f"{what_if(care)}sign/", CHANGE | {"reason": "Agreed."}).status_code == 302
    assert signed().get().by == owner


def test_others_neither_look_nor_sign(care: SimpleNamespace, client: Client) -> None:
    desk = make_front_desk()
    client.force_login(desk)
    use_second_factor(client, desk)
    assert client.get(what_if(care)).status_code == 403
    assert client.post(f"{what_if(care)}sign/", CHANGE | {"reason": "Why?"}).status_code == 403
    assert not signed().exists()


def test_looking_at_the_address_to_sign_leads_to_what_if(care: SimpleNamespace, desk: Client) -> None:
    assert desk.get(f"{what_if(care)}sign/")["Location"] == what_if(care)
    assert next_monday(care.cohort, at=moment(monday())) == monday(-1)
