"""`manage.py erase_account NUMBER`: erase an account by its number, as the owner's last resort."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from challenge.accounts.models import User
from challenge.privacy.actions import StaffAccount, erase_account


class Command(BaseCommand):
    help = "Erases accounts by number, after showing whose they are and asking. `restore` does it by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("accounts", nargs="+", type=int)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        users = {user.pk: user for user in User.objects.filter(pk__in=options["accounts"])}
        if missing := [number for number in options["accounts"] if number not in users]:
            raise CommandError(f"There is no account {', '.join(map(str, missing))}. Nothing was erased.")
        for user in users.values():
            self.stdout.write(
                f"Account {user.pk}: {user.name or 'no name'}, {user.email}, since {user.joined_at:%m/%d/%Y}"
            )
        if not options["yes"] and not said_yes():
            raise CommandError("Nothing was erased.")
        with transaction.atomic():
            for user in users.values():
                erase_or_refuse(user)
        self.stdout.write(f"Erased: account {', '.join(map(str, users))}.")


def said_yes() -> bool:
    """Ask, and return whether the answer is yes; a command that no one can answer is not a yes."""
    try:
        return input("Erase for good? Write yes: ").strip() == "yes"
    except EOFError:
        return False


def erase_or_refuse(user: User) -> None:
    """Erase one of several accounts. Raises CommandError for a staff account, and then none of them is erased."""
    number = user.pk
    try:
        erase_account(user=user, by=user, at=timezone.now())
    except StaffAccount as error:
        raise CommandError(
            f"Account {number} is a staff account: an owner closes it instead. Nothing was erased."
        ) from error
