"""The program's own settings, with a push service on loopback: its certificate comes by the environment."""

import os

from thrive.settings import *  # noqa: F403

PUSH_LOOPBACK_CERTIFICATE = os.environ["TEST_PUSH_CERTIFICATE"]
