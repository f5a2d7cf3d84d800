"""The clinic's method, pure: frozen dataclasses in, frozen dataclasses out.

No database, no clock, no randomness, no Django. Same snapshot, same parameters: same decision, for ever.
"""
