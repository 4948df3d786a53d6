"""Numbers that people see: they go up within a tenant, in the order in which things are written down."""

from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max, Model

_TRIES: Final = 3


def create(model: type[Model], /, **values: Any) -> Any:
    """Create a row under the next number, in the caller's transaction and scope.

    Where somebody else takes that in the same moment, this waits for them, and takes the one after.
    """
    rows = model._default_manager
    for attempt in range(_TRIES):
        number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                return rows.create(number=number, **values)
        except IntegrityError:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")
