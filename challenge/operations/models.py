"""What the program knows of its own health."""

from django.db import models


class Heartbeat(models.Model):
    """When a part of the machinery last showed that it lives: one row a name."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
