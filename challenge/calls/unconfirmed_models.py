"""Calls that a visitor booked and has not confirmed from their mailbox."""

from django.db import models

from challenge.calls.models import Booking


class UnconfirmedCall(models.Model):
    """No one has shown yet that the mailbox is theirs: at `until` the time goes back to others.

    The row goes when the call is confirmed or let go. `network` is a /24 or /48, as in the identity events.
    """

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="unconfirmed")
    network = models.CharField(max_length=45, blank=True)
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["network", "until"], name="unconfirmed_by_network")]

    def __str__(self) -> str:
        return f"unconfirmed call {self.pk}"
