"""`manage.py first_owner EMAIL`: create the account that gives all others their roles."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from challenge.accounts.actions import end_sessions
from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.accounts.roles import OWNER


class Command(BaseCommand):
    help = "Makes an account with the role of owner; it signs in with a code by email and sets up a second factor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an email address.") from error
        user = User.objects.filter(email=email).first() or User.objects.create_user(email)
        User.objects.filter(pk=user.pk).update(is_staff=True, name=options["name"] or user.name)
        user.groups.add(Group.objects.get(name=OWNER))
        EmailAddress.objects.update_or_create(
            user=user, email=email, defaults={"verified": True, "primary": True}
        )
        end_sessions(user)  # who was signed in as a runner signs in again, as an owner
        record_identity(what="role_changed", account=user, by=None, at=timezone.now(), means=OWNER)
        self.stdout.write(f"{email} is an owner. Sign in with a code, then set up a second factor.")
