"""The engine, under the name that Django looks for.

The driver sends BEGIN by itself before the first statement of a transaction and waits for it, and waits again at each
change of its own state in a pipeline: seven trips for a transaction of four statements. Here the driver stays in
autocommit, and BEGIN and COMMIT are statements of ours that go together with others (decision 0097).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection of Django to PostgreSQL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What goes with the BEGIN of the transaction that is being opened.
        self._opening = ""
        self._pipeline: ExitStack | None = None

    @contextmanager
    def opened_with(self, statement: str) -> Iterator[None]:
        """Open a transaction with one statement, in the same trip; a savepoint where a transaction is open.

        Parameters
        ----------
        statement
            Without parameters; what it answers is not read.
        """
        is_outermost = not self.in_atomic_block and self.get_autocommit()
        self._opening = statement if is_outermost else ""
        with transaction.atomic(using=self.alias):
            if not is_outermost:
                with self.cursor() as cursor:
                    cursor.execute(statement)
            yield

    @contextmanager
    def pipelined(self) -> Iterator[None]:
        """Send statements without waiting for the answer of each, until one is read or the transaction ends."""
        self.ensure_connection()
        with self.wrap_database_errors, ExitStack() as pipeline:
            pipeline.enter_context(self.connection.pipeline())
            self._pipeline = pipeline
            try:
                yield
            finally:
                self._pipeline = None

    def _start_transaction_under_autocommit(self) -> None:
        opening, self._opening = self._opening, ""
        statements = ["BEGIN", opening] if opening else ["BEGIN"]
        # Only the simple protocol, which a pipeline does not speak, takes several as one.
        for one in statements if self._pipeline else ["; ".join(statements)]:
            with debug_transaction(self, one), self.wrap_database_errors:
                self.connection.execute(one)

    def _set_autocommit(self, autocommit: bool) -> None:
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # not in the stubs

    def _commit(self) -> None:
        if self.connection is None or self._pipeline is None:
            super()._commit()  # type: ignore[misc]  # not in the stubs
            return
        # The end of the pipeline is what waits for the answer.
        with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
            self.connection.execute("COMMIT")
            self._pipeline.close()
