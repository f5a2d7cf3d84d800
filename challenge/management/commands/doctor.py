"""`manage.py doctor [ADDRESS]`: is everything well? At install, after an upgrade, after a restore."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from challenge.operations.doctor import PARTS, examine


class Command(BaseCommand):
    help = "Asks every part of the installation and prints a page of ticks; with ADDRESS it sends a real email there."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", default="", help="where to send the test email")
        parser.add_argument(
            "--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["address"]:
            try:
                validate_email(options["address"])
            except ValidationError as error:
                raise CommandError(f"{options['address']!r} is not an email address.") from error
        troubles = 0
        for finding in examine(mail_to=options["address"], only=options["only"]):
            troubles += not finding.well
            self.stdout.write(
                f"{'ok     ' if finding.well else 'TROUBLE'}  {finding.name:<24}{finding.words}"
            )
        if troubles:
            raise CommandError(f"{troubles} of these need you.")
