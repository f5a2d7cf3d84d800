"""A clinician takes a flag at the moment when its alert is written: the alert is not sent."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from challenge.accounts.models import User
from challenge.care.actions import acknowledge_flag, raise_flag
from challenge.care.models import Flag
from challenge.mail.actions import put_all_in_outbox
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.notifications import notices
from challenge.protocol.vocabulary import FlagKind
from tests.factories.cohorts import enroll
from tests.review.test_two_at_once import PATIENCE_S, until, waits_for_a_lock
from tests.weekly.conftest import SIX

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("guarded", "state"), [(True, MessageState.WITHDRAWN), (False, MessageState.QUEUED)])
def test_an_alert_written_while_a_clinician_takes_the_flag_is_withdrawn(
    clinician: User, monkeypatch: pytest.MonkeyPatch, guarded: bool, state: MessageState
) -> None:
    """Without the lock on the flag (the second case), the clinician's transaction does not see the alert."""
    flag = raise_flag(
        enrollment=enroll(), kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=SIX
    )
    is_written, taker_was_seen = threading.Event(), threading.Event()
    write = put_all_in_outbox

    def slowly(*args: Any, **values: Any) -> Any:
        rows = write(*args, **values)
        is_written.set()
        assert taker_was_seen.wait(PATIENCE_S)
        return rows

    monkeypatch.setattr(notices, "put_all_in_outbox", slowly)
    if not guarded:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows)

    def alone(act: Any, **values: Any) -> threading.Thread:
        def run() -> None:
            try:
                act(at=SIX, **values)
            finally:
                connection.close()

        return threading.Thread(target=run)

    alert, take = alone(notices.alert_clinicians), alone(acknowledge_flag, flag=flag, by=clinician)
    alert.start()
    assert is_written.wait(PATIENCE_S)
    take.start()
    until(lambda: not take.is_alive() or waits_for_a_lock())
    taker_was_seen.set()
    alert.join(PATIENCE_S)
    take.join(PATIENCE_S)
    assert Flag.objects.get().taken_at == SIX
    assert OutboxMessage.objects.get(kind=MessageKind.STAFF_ALERT).state == state
