"""Reads runs out of FIT, TCX and GPX files and zips of them.

Nothing here imports Django or keeps a position: places serve to measure a distance that a file does not
state, and go no further. Whoever has a file from outside runs `read` through `workouts.activity_process`.
"""

from challenge.workouts.activity_files.reader import read
from challenge.workouts.activity_files.reading import Reading, Run

__all__ = ["Reading", "Run", "read"]
