"""The clinic's method as pure functions: frozen dataclasses in, frozen dataclasses out.

No database, no clock, no randomness, no Django: equal snapshots and parameters give equal decisions, also years later.
"""
