"""`manage.py erase_account NUMBER`: erase an account again after an older backup was restored."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from challenge.accounts.models import User
from challenge.privacy.actions import StaffAccount, erase_account


class Command(BaseCommand):
    help = "Erases accounts by number, as the log names those that were erased."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("accounts", nargs="+", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        for user in User.objects.filter(pk__in=options["accounts"]):
            try:
                erase_account(user=user, by=user, at=timezone.now())
            except StaffAccount as error:
                raise CommandError(f"Account {user.pk} is a staff account.") from error
            self.stdout.write(f"Account {user.pk} is erased.")
