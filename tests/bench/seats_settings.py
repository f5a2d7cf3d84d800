"""The program with the peers' addresses beside its own; its log is written as ever, and read by nobody."""

import logging
import os

from thrive.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.seats_peers"
for _handler in logging.root.handlers:
    if isinstance(_handler, logging.StreamHandler):
        _handler.setStream(open(os.devnull, "w"))  # noqa: SIM115 - as long as the process lives
