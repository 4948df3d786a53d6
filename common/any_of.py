"""`field__any_of=values`: as `in`, by one statement for any number of values on PostgreSQL: they go as an array.

A statement that is kept for its next use must not have another text for each number of values, and a prepared one takes
65,535 of them at most.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import UUIDField
from django.db.models.lookups import In


@UUIDField.register_lookup
class AnyOf(In):
    """One of some values, none of them NULL."""

    lookup_name = "any_of"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Return the condition and its one parameter."""
        values = [self.lhs.output_field.get_db_prep_value(one, connection, prepared=False) for one in self.rhs]
        if not values:
            raise EmptyResultSet
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, values]
