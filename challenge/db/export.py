"""What leaves the database in files: one person's rows for the export, and cells that a spreadsheet cannot run.

Each part names a person's tables as (name, rows); `privacy.queries` reads them.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model

Table = tuple[str, Iterable[Mapping[str, Any]]]
# A spreadsheet runs a cell that begins with one of these as a formula (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
NOT_SHOWN = (
    "ZCM"  # Unicode's categories of spaces, of controls and unseen marks, and of what joins the letter before
)
Value = TypeVar("Value")


def whole_table(model: type[Model], *, hidden: Collection[str], **owner: Any) -> Table:
    """Return the model's name and the rows that the filter `owner` finds, with every column that is not `hidden`.

    A new column is exported unless its part hides it.
    """
    columns = [field.attname for field in model._meta.concrete_fields if field.attname not in hidden]
    return model._meta.model_name or "", model._default_manager.filter(**owner).order_by("pk").values(
        *columns
    )


def escape_formula(value: Value) -> Value | str:
    """Return a text that begins like a formula with a ' in front, which makes it text; return other values as is."""
    if isinstance(value, str) and (
        value.lstrip(" ").startswith(FORMULA_STARTS) or _first_shown(value) in FORMULA_STARTS
    ):
        return f"'{value}"
    return value


def _first_shown(text: str) -> str:
    """Return the first letter that is drawn, a wide or small one in its plain form: an import may trim and fold."""
    shown = (letter for letter in text if unicodedata.category(letter)[0] not in NOT_SHOWN)
    return unicodedata.normalize("NFKC", next(shown, ""))
