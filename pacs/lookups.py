"""Lookups of our own."""

from typing import Any

from django.db.models import ForeignKey
from django.db.models.lookups import Exact


@ForeignKey.register_lookup
class Aside(Exact):
    """Equality that is checked on each row and never chosen to find rows by.

    SQLite takes the index of a tenant for a better way in than a list of a thousand keys; a unary plus tells it not to
    (https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_). PostgreSQL has statistics.
    """

    lookup_name = "aside"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        """Return the operator with its right side."""
        return f"= {rhs}"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the condition with its column behind a plus."""
        sql, params = self.as_sql(compiler, connection)
        return f"+{sql}", params
