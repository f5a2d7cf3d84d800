"""Runs from FIT, TCX and GPX files and zips of them.

No module here imports Django or keeps a position: positions are used to measure a distance that a file does not
state, and are dropped. Untrusted files must be read through `sandbox.read_isolated`, never through `read` directly.
"""

from challenge.workouts.activity_files.reader import read
from challenge.workouts.activity_files.recording import FileResult, FileRun

__all__ = ["FileResult", "FileRun", "read"]
