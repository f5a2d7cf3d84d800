"""The people who sign in, and who of the staff looked at whose data."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


def clinic_time_zone() -> str:
    return settings.CLINIC_TIME_ZONE


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(
            f"“{value}” is not a time zone. Choose one like America/Chicago.", code="time_zone"
        )


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user needs an email address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True} | fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in. The email is the name, always in lower case; roles are groups."""

    email = models.EmailField("email address", max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(max_length=64, default=clinic_time_zone, validators=[validate_time_zone])
    uses_kilometres = models.BooleanField("distances in kilometres", default=False)
    is_staff = models.BooleanField("may open the admin", default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=~Q(time_zone=""), name="user_has_time_zone"),
        ]
        indexes = [
            models.Index(
                fields=["joined_at"], name="user_never_signed_in", condition=Q(last_login__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        """The first name; a title before it, which ends in a full stop, is none."""
        words = [word for word in self.name.split() if not word.endswith(".")]
        return words[0] if words else self.name or self.email.split("@")[0]


class AccessEntry(models.Model):
    """One look by staff at one runner's data: who, whose, what, when. Append-only; features never read it."""

    viewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="accesses_made")
    runner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="accesses_seen")
    what = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "access entries"
        indexes = [
            models.Index(fields=["runner", "-at"], name="access_by_runner"),
            BrinIndex(fields=["at"], name="access_by_time"),  # appended in the order of time
        ]

    def __str__(self) -> str:
        return f"{self.what}, {self.at:%Y-%m-%d %H:%M}"
