"""The clinic's method, pure: frozen dataclasses in, frozen dataclasses out.

No database, no clock, no randomness, no Django. The same snapshot and parameters give the same decision, for ever.
"""
