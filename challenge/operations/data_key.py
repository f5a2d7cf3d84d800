"""Where secrets are stored sealed, whether DATA_KEY opens them, and sealing them again under the present key.

Nothing is lost under a wrong key: web and worker do not start, and what no key opens is left as it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from challenge.calls.calendar_actions import open_address
from challenge.calls.schedule_models import BusyCalendar
from challenge.db.sealed import WrongDataKey, is_current, is_sealed, open_sealed, seal
from challenge.mail.models import PushAddress
from challenge.mail.public_host import CannotFetch
from challenge.messages.models import MessagePicture
from challenge.notifications.models import PlanFeed
from challenge.workouts.import_models import InboundAddress


@dataclass(frozen=True)
class SealedPlace:
    """A column with a secret. Of a JSON object only `keys` are secrets; a list is sealed item by item."""

    rows: QuerySet[Any]
    field: str
    keys: tuple[str, ...] = ()
    opens: Callable[[str], str] = open_sealed


SEALED_PLACES = (
    SealedPlace(
        Authenticator.objects.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]),
        "data",
        keys=("secret", "seed", "migrated_codes"),
    ),
    SealedPlace(BusyCalendar.objects.all(), "sealed_address", opens=open_address),
    SealedPlace(PlanFeed.objects.all(), "sealed_key"),
    SealedPlace(InboundAddress.objects.exclude(sealed_secret=""), "sealed_secret"),
    SealedPlace(PushAddress.objects.all(), "sealed"),
    SealedPlace(MessagePicture.objects.defer("content"), "sealed_key"),
)


@dataclass(frozen=True)
class Resealed:
    """How many rows were under the present key already, how many are now, and how many no key opens."""

    current: int
    resealed: int
    unreadable: int


def reseal_all() -> Resealed:
    """Seal every secret that is in clear, or under an earlier key, with the present one. May be run at any time."""
    current = resealed = unreadable = 0
    for place in SEALED_PLACES:
        for pk in place.rows.order_by("pk").values_list("pk", flat=True):
            with transaction.atomic():
                row = place.rows.select_for_update().filter(pk=pk).first()
                if row is None:  # removed in the meantime
                    continue
                before = getattr(row, place.field)
                try:
                    after = _changed(before, place)
                except (WrongDataKey, CannotFetch):
                    unreadable += 1
                    continue
                if after == before:
                    current += 1
                    continue
                place.rows.filter(pk=pk).update(**{place.field: after})
                resealed += 1
    return Resealed(current, resealed, unreadable)


def wrong_key_sentence() -> str:
    """Return a sentence if DATA_KEY and its fallbacks do not open what they sealed; "" if they do."""
    unreadable = sum(not _opens(secret) for secret in _all_secrets())
    if not unreadable:
        return ""
    return (
        f"DATA_KEY does not open {unreadable} stored secrets. Put the key that sealed them back, "
        "as DATA_KEY or in DATA_KEY_FALLBACKS."
    )


def wrong_key_at_start() -> str:
    """Return the sentence for a process that starts. Without a database it may start: /health/ready/ asks again."""
    try:
        return wrong_key_sentence()
    except DatabaseError:  # away, or not migrated yet
        return ""
    finally:
        connection.close()  # gunicorn's workers are forked from here and must not share it


def _all_secrets() -> Iterator[str]:
    for place in SEALED_PLACES:
        for value in place.rows.values_list(place.field, flat=True).iterator():
            yield from _secrets(value, place.keys)


def _secrets(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        for key in keys:
            yield from _secrets(value.get(key, []), keys)
    elif isinstance(value, list):
        yield from value
    else:
        yield value


def _changed(value: Any, place: SealedPlace) -> Any:
    """Return the column's value with each secret under the present key. Raises WrongDataKey or CannotFetch."""
    if isinstance(value, dict):
        return {key: _changed(item, place) if key in place.keys else item for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, place) for item in value]
    return value if is_current(value) else seal(place.opens(value))


def _opens(secret: str) -> bool:
    # An address that SECRET_KEY sealed long ago is no matter of DATA_KEY.
    try:
        return not is_sealed(secret) or bool(open_sealed(secret))
    except WrongDataKey:
        return False
