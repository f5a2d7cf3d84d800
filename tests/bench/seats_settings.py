"""The program's own settings with the peers' addresses beside its own."""

from thrive.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.seats_peers"
