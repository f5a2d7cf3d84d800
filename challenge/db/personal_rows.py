"""One person's rows for the export: each part names its tables as (name, rows), `privacy.queries` reads them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Model

Table = tuple[str, Iterable[Mapping[str, Any]]]


def whole_table(model: type[Model], *, hidden: Collection[str], **owner: Any) -> Table:
    """Return the model's name and the rows that the filter `owner` finds, with every column that is not `hidden`.

    A new column is exported unless its part hides it.
    """
    columns = [field.attname for field in model._meta.concrete_fields if field.attname not in hidden]
    return model._meta.model_name or "", model._default_manager.filter(**owner).order_by("pk").values(
        *columns
    )
