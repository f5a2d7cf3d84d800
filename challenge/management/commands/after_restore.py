"""`manage.py after_restore --until MOMENT`: write to no one twice after a restore."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from challenge.operations.recovery import after_restore


class Command(BaseCommand):
    help = (
        "Withdraws the emails that the old program may have sent between the backup and MOMENT, when it stopped, "
        "and decides the weeks that were due by then without sending. Run it after `restore`, before the start."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--until", required=True, help="when the old program stopped, such as 2026-03-02T06:30+00:00"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        until = parse_moment(options["until"], now=timezone.now())
        result = after_restore(until=until)
        since = result.backup_at.isoformat(timespec="minutes") if result.backup_at else "an unknown moment"
        self.stdout.write(f"weeks decided, not sent   {result.decided}")
        self.stdout.write(f"emails withdrawn          {sum(result.withdrawn.values())}")
        for kind, number in sorted(result.withdrawn.items()):
            self.stdout.write(f"  {kind:<24}{number}")
        self.stdout.write(f"open stop flags           {result.open_stop_flags}: look at the board now")
        self.stdout.write(
            f"The backup shows its last sign of life at {since}. What people entered between then and "
            f"{until.isoformat(timespec='minutes')} is lost: ask runners to log it again, and look "
            "in your mailbox for who joined."
        )


def parse_moment(text: str, *, now: datetime) -> datetime:
    """Return the moment. Raises CommandError without a zone, or for a moment that has not come."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is not a moment. Write it like 2026-03-02T06:30+00:00.") from error
    if moment.tzinfo is None:
        raise CommandError(f"{text!r} has no time zone. Write +00:00 after it for UTC.")
    if moment > now:
        raise CommandError(f"{text!r} has not come yet.")
    return moment
