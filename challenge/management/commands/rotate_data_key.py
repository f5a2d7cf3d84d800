"""`manage.py rotate_data_key`: seal every stored secret with the present DATA_KEY, so that earlier keys can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from challenge.operations.data_key import reseal_all


class Command(BaseCommand):
    help = (
        "Seals second factors and calendar addresses with the present DATA_KEY, also those that are still in clear. "
        "Exit code 1 if a secret is under a key that is not there: it is left as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        result = reseal_all()
        self.stdout.write(
            f"{result.resealed} sealed again, {result.current} were sealed with this key already."
        )
        if result.unreadable:
            raise CommandError(
                f"{result.unreadable} could not be opened and are unchanged. Put the key that sealed them into "
                "DATA_KEY_FALLBACKS and run this again."
            )
        self.stdout.write("DATA_KEY_FALLBACKS may be emptied now.")
