"""The engine, under the name that Django looks for.

The driver sends BEGIN by itself before the first statement of a transaction and waits for it, and waits again at each
change of its own state in a pipeline: seven trips for a transaction of four statements. Here the driver stays in
autocommit, and BEGIN and COMMIT are statements of ours that go together with others (decision 0097).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg.pq import TransactionStatus

from common.postgresql.batch import Batch, Deferred, forget_kept
from common.postgresql.liveness import lives, rest

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection of Django to PostgreSQL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What goes with the BEGIN of the transaction that is being opened.
        self._opening = ""
        # Whether transactions that begin now end without waiting for the disk (`common.unsynced`).
        self.is_unsynced = False
        self._batch: Batch | None = None
        # Whether querysets may go with a batch: their statements are few and fixed.
        self.is_planned_once = False

    def get_new_connection(self, params: dict[str, Any]) -> Any:
        """Open a connection, or be lent one that lives: after a restart of the server, none that was kept does."""
        while True:
            connection = super().get_new_connection(params)
            if not self.pool:
                return connection
            is_of_use = False
            try:
                is_of_use = lives(connection)
            finally:
                # Whatever happens, the pool has its place back.
                if not is_of_use:
                    connection.close()
                    self.pool.putconn(connection)
            if is_of_use:
                return connection

    def _configure_connection(self, connection: Any) -> bool:
        # The pool opens some before anybody needs them.
        rest(connection)
        return bool(super()._configure_connection(connection))  # type: ignore[misc]  # not in the stubs

    @contextmanager
    def opened_with(self, statement: str) -> Iterator[None]:
        """Open a transaction with one statement, in the same trip; a savepoint where a transaction is open.

        Parameters
        ----------
        statement
            Without parameters; what it answers is not read.
        """
        is_outermost = not self.in_atomic_block and self.get_autocommit()
        with ExitStack() as opened:
            self._opening = statement if is_outermost else ""
            try:
                opened.enter_context(transaction.atomic(using=self.alias))
            finally:
                # A transaction that could not be opened leaves its tenant to no other.
                self._opening = ""
            if not is_outermost:
                with self.cursor() as cursor:
                    cursor.execute(statement)
            yield

    @contextmanager
    def batched(self) -> Iterator[None]:
        """Send statements of `batch_cursor` only when an answer is read, Django asks, or the transaction ends."""
        if self._batch:
            # What is already gathered goes before what comes.
            yield
            return
        self.ensure_connection()
        batch = self._batch = Batch(self.connection, self.wrap_database_errors)
        try:
            yield
            batch.run()
        finally:
            self._batch = None

    def batch_cursor(self) -> "CursorWrapper | None":
        """Return a cursor of the batch that is open, counted, logged and translated as Django's own are."""
        return self._prepare_cursor(Deferred(self._batch)) if self._batch else None  # type: ignore[attr-defined]  # as below

    def _cursor(self, name: str | None = None) -> "CursorWrapper":
        if self.is_planned_once and name is None and (gathered := self.batch_cursor()):
            return gathered
        # Statements are run in the order in which they were given.
        self._run_batch()
        cursor: CursorWrapper = super()._cursor(name)  # type: ignore[misc]  # not in the stubs
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        relaxed = "SET LOCAL synchronous_commit TO OFF" if self.is_unsynced else ""
        statements = [one for one in ("BEGIN", relaxed, self._opening) if one]
        # Only the simple protocol, which a batch does not speak, takes several as one.
        for one in statements if self._batch else ["; ".join(statements)]:
            with debug_transaction(self, one), self.wrap_database_errors:
                self._batch.add(one) if self._batch else self.connection.execute(one)

    def _set_autocommit(self, autocommit: bool) -> None:
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # not in the stubs

    def _commit(self) -> None:
        if self._batch is None:
            super()._commit()  # type: ignore[misc]  # not in the stubs
            return
        with debug_transaction(self, "COMMIT"):
            self._batch.add("COMMIT")
            self._batch.run()

    # --- savepoints: what failed is told to whoever can still go back, and to nobody else ---

    def _run_batch(self) -> None:
        if self._batch:
            self._batch.run()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Run what waits, and then statements of the block by the driver, whether querysets are gathered or not."""
        self._run_batch()
        batch, self._batch = self._batch, None
        try:
            yield
        finally:
            self._batch = batch

    def _savepoint(self, sid: str) -> None:
        with self._at_once():
            super()._savepoint(sid)  # type: ignore[misc]  # not in the stubs

    def _savepoint_commit(self, sid: str) -> None:
        with self._at_once():
            super()._savepoint_commit(sid)  # type: ignore[misc]  # not in the stubs

    # --- the driver drops all that the server keeps when something is rolled back, ours too ---

    def _savepoint_rollback(self, sid: str) -> None:
        # All of it came after the savepoint.
        self._drop_batch()
        with self._at_once():
            super()._savepoint_rollback(sid)  # type: ignore[misc]  # not in the stubs
        forget_kept(self.connection)

    def _drop_batch(self) -> None:
        if self._batch:
            self._batch.drop()

    def _rollback(self) -> None:
        self._drop_batch()
        # Not even BEGIN was sent, so that the driver drops nothing.
        if self.connection is None or self.connection.info.transaction_status == TransactionStatus.IDLE:
            return
        super()._rollback()  # type: ignore[misc]  # not in the stubs
        if forget_kept(self.connection):
            with self.wrap_database_errors:
                self.connection.execute("DEALLOCATE ALL")

    def _close(self) -> None:
        if self.connection is not None:
            # The pool rolls back what it is given in the middle of a transaction.
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                forget_kept(self.connection)
            rest(self.connection)
        super()._close()  # type: ignore[misc]  # not in the stubs
