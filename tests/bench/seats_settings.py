"""The program's settings with the peers' addresses added; its log is written as usual and thrown away."""

import logging
import os

from thrive.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.seats_peers"
for _handler in logging.root.handlers:
    if isinstance(_handler, logging.StreamHandler):
        _handler.setStream(open(os.devnull, "w"))  # noqa: SIM115 - as long as the process lives
