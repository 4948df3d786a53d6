"""Rows that are made by the thousand: Django's constructor asks every field about every row, and sends two signals.

Nobody in the portal hears those of these rows.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


def new_row(model: type[M], **values: Any) -> M:
    """Return a row that is not stored yet; values are named as columns are (``study_id``), the rest has its default.

    Raises
    ------
    TypeError
        If the model has no such column.
    """
    columns, made = _defaults(model)
    row = model.__new__(model)
    row.__dict__ = {"_state": ModelState(), **columns, **values}
    if len(row.__dict__) != len(columns) + 1:
        raise TypeError(f"{model.__name__} lacks some of these columns: {', '.join(values)}")
    for column, make in made:
        if column not in values:
            row.__dict__[column] = make()
    return row


@lru_cache(maxsize=64)
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """Return the defaults of all columns, and what makes those that differ from row to row."""
    fields = model._meta.concrete_fields
    made = tuple((field.attname, field.get_default) for field in fields if callable(field.default))
    plain = {field.attname: None if callable(field.default) else field.get_default() for field in fields}
    return plain, made
