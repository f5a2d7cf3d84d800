"""Two owners close each other at the same moment: one of them stays."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from challenge.accounts.models import User
from tests.factories.people import make_owner


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_close_each_other_leave_one() -> None:
    owners = [make_owner(), make_owner()]
    both = threading.Barrier(2, timeout=20)
    refused: list[str] = []

    def close(pk: int) -> None:
        try:
            with transaction.atomic():
                User.objects.select_for_update(no_key=True).get(pk=pk)
                both.wait()
                User.objects.filter(pk=pk).update(is_active=False)
        except IntegrityError as error:
            refused.append(str(error.__cause__.diag.constraint_name))  # type: ignore[union-attr]
        finally:
            connection.close()

    threads = [threading.Thread(target=close, args=[owner.pk]) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert refused == ["last_owner_stays"]
    assert User.objects.filter(is_active=True).count() == 1
