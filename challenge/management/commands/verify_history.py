"""`manage.py verify_history`: were the ledger, the access log, the decisions or the changes of accounts rewritten?"""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from challenge.operations.history import verify

HEAD = re.compile(r"[0-9a-f]{16,64}", re.ASCII)


class Command(BaseCommand):
    help = (
        "Computes the nightly digests of the histories again. Exit code 1, and the first night that differs, if a row "
        "was changed, removed or added, or a night is missing or in another place."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="a head from an owner's email, which the chain must still have"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        head = options["head"].strip().lower()
        if head and not HEAD.fullmatch(head):
            raise CommandError(
                "--head takes the 64 letters and digits of the email, or the first sixteen of them."
            )
        verdict = verify(at=timezone.now(), known_head=head)
        if verdict.problem:
            where = f"The night of {verdict.night} differs: " if verdict.night else ""
            raise CommandError(f"{where}{verdict.problem}.")
        self.stdout.write(f"{verdict.nights} nights match. The head is {verdict.head or 'not written yet'}.")
