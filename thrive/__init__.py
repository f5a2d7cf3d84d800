"""The project: settings, processes, and what stands between the web and `challenge`."""

VERSION = "0.1.0"
