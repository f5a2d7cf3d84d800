#!/usr/bin/env python
"""Django's command line. Starts nothing by itself: it finds the services under var/ or in the environment."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
    execute_from_command_line(sys.argv)
