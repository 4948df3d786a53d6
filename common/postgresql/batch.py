"""Statements that are sent together and answered together.

The driver's own pipeline asks the operating system at each statement whether the line can take or has brought more, and
gives up the interpreter's lock for that. A batch is written as one, and then waits for its answers once.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from itertools import count, islice
from typing import Any, Final
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ExecStatus
from psycopg.rows import TupleRow

Row = tuple[Any, ...]
_numbers: Final = count()
# As many statements as the server keeps for a connection, as the driver has it.
_MAX_KEPT: Final = 100
# The names of the statements that the server keeps for a connection.
_kept: "WeakKeyDictionary[Connection[Any], dict[str, bytes]]" = WeakKeyDictionary()


class Deferred:
    """What a cursor offers, for statements of a batch: to read is to have the batch run."""

    # Django asks for it when it logs: the statement as the driver has put it together, which it has not.
    _query = None

    def __init__(self, batch: "Batch") -> None:
        self._batch = batch
        self._touched = -1
        self._rows: Iterator[Row] | None = None

    @property
    def rowcount(self) -> int:
        """Return how many rows the statement answered or touched."""
        self._answer()
        return self._touched

    def execute(self, statement: str, values: Sequence[Any] | None = None) -> None:
        """Put a statement into the batch; one with values is kept by the server, with its plan."""
        self._rows = None
        self._batch.add(statement, values, self)

    def fetchone(self) -> Row | None:
        """Return the next row."""
        return next(self._answer(), None)

    def fetchmany(self, size: int = 1) -> list[Row]:
        """Return up to `size` of the rows that are left."""
        return list(islice(self._answer(), size))

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows that are left."""
        return self._answer()

    def fetchall(self) -> list[Row]:
        """Return the rows that are left."""
        return list(self._answer())

    def close(self) -> None:
        """Do nothing: the server holds nothing open."""

    def answer(self, rows: list[Row], rowcount: int) -> None:
        """Take what the server answered."""
        self._rows, self._touched = iter(rows), rowcount

    def _answer(self) -> Iterator[Row]:
        if self._rows is None:
            self._batch.run()
        assert self._rows is not None
        return self._rows


class Batch:
    """Statements of one connection that wait to be sent."""

    def __init__(self, connection: "Connection[TupleRow]", errors: AbstractContextManager[None]) -> None:
        self._connection = connection
        # Makes Django's errors of the driver's.
        self._errors = errors
        self._waiting: list[tuple[str, Sequence[Any] | None, Deferred | None]] = []

    def add(self, statement: str, values: Sequence[Any] | None = None, reader: Deferred | None = None) -> None:
        """Have a statement wait; `reader` is given its answer.

        Raises
        ------
        psycopg.Error
            If the server knows no value like one of these.
        """
        self._waiting.append((statement, None if values is None else self._dumped(values), reader))

    def drop(self) -> None:
        """Forget what waits."""
        self._waiting = []

    def run(self) -> None:
        """Send what waits and read its answers.

        Raises
        ------
        django.db.Error
            What the server says of the first statement that fails; those after it are not run.
        """
        waiting, self._waiting = self._waiting, []
        if waiting:
            with self._errors:
                self._run(waiting)

    def _run(self, waiting: Sequence[tuple[str, Sequence[Any] | None, Deferred | None]]) -> None:
        pgconn = self._connection.pgconn
        known = dict(_kept.setdefault(self._connection, {}))
        with self._connection.lock:
            try:
                pgconn.enter_pipeline_mode()
                readers = self._send(waiting)
                answers = self._connection.wait(_answers(pgconn, len(readers)))
                pgconn.exit_pipeline_mode()
            except BaseException:
                # Broken off between question and answer, the line is of no use to anybody.
                self._connection.close()
                raise
        for reader, (answer, *_) in zip(readers, answers, strict=True):
            if answer.status == ExecStatus.FATAL_ERROR:
                # What was to be prepared behind it was not; whether what was to be forgotten is nobody knows.
                left = _kept[self._connection]
                _kept[self._connection] = {one: name for one, name in known.items() if left.get(one) == name}
                raise error_from_result(answer)
            if reader is not None:
                reader.answer(self._rows(answer), answer.command_tuples or 0)

    def _send(self, waiting: Sequence[tuple[str, Sequence[Any] | None, Deferred | None]]) -> list[Deferred | None]:
        """Write all into the buffer of the line, and return who reads which answer."""
        pgconn = self._connection.pgconn
        kept = _kept[self._connection]
        readers: list[Deferred | None] = []
        for statement, values, reader in waiting:
            if values is None:
                pgconn.send_query_params(statement.encode(), None)
            else:
                name = kept.pop(statement, None)
                if name is None:
                    name = f"batch{next(_numbers)}".encode()
                    pgconn.send_prepare(name, _numbered(statement))
                    readers.append(None)
                # The last one used stands last.
                kept[statement] = name
                pgconn.send_query_prepared(name, values)
            readers.append(reader)
        while len(kept) > _MAX_KEPT:
            oldest = kept.pop(next(iter(kept)))
            pgconn.send_query_params(b"DEALLOCATE " + oldest, None)
            readers.append(None)
        pgconn.pipeline_sync()
        return [*readers, None]

    def _dumped(self, values: Sequence[Any]) -> Sequence[Any]:
        return Transformer(self._connection).dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _rows(self, answer: Any) -> list[Row]:
        if not answer.ntuples:
            return []
        transformer = Transformer(self._connection)
        transformer.set_pgresult(answer)
        return transformer.load_rows(0, answer.ntuples, tuple)


def forget_kept(connection: "Connection[Any]") -> bool:
    """Have all statements of a connection be prepared anew; say whether the server may keep some."""
    return bool(_kept.pop(connection, None))


def _answers(pgconn: Any, number: int) -> Any:
    yield from send(pgconn)
    answers = []
    for _ in range(number):
        answers.append((yield from fetch_many(pgconn)))  # noqa: PERF401  no comprehension may wait
    return answers


@lru_cache(maxsize=256)
def _numbered(statement: str) -> bytes:
    """Return a statement with the parameters that the server knows: $1, $2."""
    numbers = count(1)
    return re.sub("%[%s]", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", statement).encode()
