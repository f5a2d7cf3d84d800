"""The project: settings, processes, and what lies between the web and `challenge`."""

VERSION = "0.1.0"
