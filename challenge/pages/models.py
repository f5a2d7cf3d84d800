"""Who runs the challenge, as the home page shows it. The owner writes it in the admin."""

from django.db import models


class TeamMember(models.Model):
    """One person of the clinic on the home page: public words about staff, nothing about a runner."""

    name = models.CharField(max_length=80, help_text="As visitors read it: “Ada Moor, PT, DPT”.")
    role = models.CharField(max_length=80, help_text="A few words: “physical therapist, runner”.")
    sentence = models.CharField(
        max_length=300, help_text="One or two sentences: what they do here, and why they can."
    )
    position = models.PositiveSmallIntegerField(default=1, help_text="Smaller numbers come first.")
    is_shown = models.BooleanField("shown on the home page", default=True)

    class Meta:
        ordering = ("position", "pk")
        verbose_name = "person on the home page"
        verbose_name_plural = "people on the home page"

    def __str__(self) -> str:
        return self.name


class TeamPicture(models.Model):
    """A person's picture on the home page, drawn again by `clinic.pictures`; backups of the database have it."""

    member = models.OneToOneField(TeamMember, on_delete=models.CASCADE, related_name="picture")
    jpeg = models.BinaryField()
    digest = models.CharField(
        max_length=16, help_text="Part of the picture’s address, which may be cached for a year."
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"picture of {self.member_id}"
