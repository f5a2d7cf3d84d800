"""Cells of CSV files that people open in a spreadsheet."""

from typing import TypeVar

# A spreadsheet runs a cell that begins with one of these as a formula (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
Value = TypeVar("Value")


def escape_formula(value: Value) -> Value | str:
    """Return a text that begins like a formula with a ' in front, which makes it text; return other values as is."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
