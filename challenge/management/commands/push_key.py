"""Print a new key for Web Push, for PUSH_KEY. Nothing is stored."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management.base import BaseCommand

from challenge.mail.push_addresses import to_base64


class Command(BaseCommand):
    """Print a key that signs pushes."""

    help = "Prints a new key for Web Push. Put it into PUSH_KEY and restart."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print 32 random bytes that are a private key of P-256, as URL-safe base64."""
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        self.stdout.write(to_base64(number.to_bytes(32, "big")))
