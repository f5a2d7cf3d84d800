"""Reads runs out of FIT, TCX and GPX files and zips of them.

Nothing here imports Django or keeps a position: places serve to measure a distance that a file does not
state, and go no further. Whoever has a file from outside runs `read` through `workouts.file_sandbox`.
"""

from challenge.workouts.activity_files.reader import read
from challenge.workouts.activity_files.result import FileResult, FileRun

__all__ = ["FileResult", "FileRun", "read"]
