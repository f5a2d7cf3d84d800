"""The demo's weeks, decided and written again from their stored input, are exactly what was sent."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Cohort
from challenge.mail.actions import addresses_of
from challenge.mail.queries import unsubscribe_url
from challenge.mail.rendering import render
from challenge.operations.demo.simulation import simulate
from challenge.protocol.parameters import Parameters
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.weekly import decide
from challenge.weekly.email.messages import WeeklyEmail, weekly_message_of

THURSDAY = datetime(2026, 3, 5, 20, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("runners", "weeks"), [(4, 3), pytest.param(20, 8, marks=pytest.mark.deep)], ids=["some", "whole"]
)
def test_the_demo_replayed_is_exactly_what_was_sent(runners: int, weeks: int) -> None:
    simulate(runners=runners, weeks=weeks, seed=7, now=THURSDAY, report=str)
    cohort, out = Cohort.objects.get(slug="first"), StringIO()
    decisions = WeeklyTarget.objects.filter(enrollment__seat__cohort=cohort)
    assert decisions.count() >= runners * weeks

    call_command("replay", cohort.slug, stdout=out)
    assert out.getvalue() == f"{decisions.count()} decisions recomputed, 0 differ.\n"

    mailed = decisions.filter(message__isnull=False).select_related("enrollment__seat__user", "message")
    assert mailed.count() >= runners * (weeks - 1)
    for row in mailed:
        assert row.message is not None
        snapshot = Snapshot.from_json(row.snapshot)
        address = addresses_of([row.message.to_email])[row.message.to_email]
        letter = weekly_message_of(
            WeeklyEmail(
                row.enrollment,
                decide(snapshot, Parameters.from_json(row.parameters)),
                snapshot,
                unsubscribe_url(address),
                replaces=row.message.text.startswith("Something changed"),
                questions="/questions/" in row.message.text,
            )
        )
        assert letter is not None
        again = render(letter.template, letter.context, letter.personal)
        sent = row.message
        assert (again.subject, again.text, again.html) == (sent.subject, sent.text, sent.html)
