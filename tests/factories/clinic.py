"""The clinic's people and their pictures."""

import io
from typing import Any

from django.utils import timezone
from PIL import Image

from challenge.clinic.pictures import redrawn
from challenge.pages.models import TeamMember, TeamPicture


def photo(kind: str = "JPEG", size: tuple[int, int] = (900, 600), **saved: Any) -> bytes:
    """A picture as a camera or a browser saves it."""
    written = io.BytesIO()
    Image.new("RGB", size, (40, 90, 70)).save(written, kind, **saved)
    return written.getvalue()


def make_member(**fields: Any) -> TeamMember:
    defaults = {"name": "Ada Moor, PT", "role": "physical therapist", "sentence": "Reads the logs."}
    return TeamMember.objects.create(**(defaults | fields))


def make_picture(member: TeamMember | None = None) -> TeamPicture:
    return TeamPicture.objects.create(
        member=member or make_member(), jpeg=redrawn(photo()), digest="0123456789abcdef", at=timezone.now()
    )
