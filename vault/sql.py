"""The raw statements of the vault: what Django cannot say, and what is asked once for each study that arrives."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from common.prepared import own_id, prepared_cursor
from vault.models import StudyKey, TenantKek

_TABLE = StudyKey._meta.db_table
_PK = StudyKey._meta.pk
_HOLD_EPOCH = "SELECT epoch FROM vault_tenantkek WHERE tenant_id = %s AND state = 'active' FOR SHARE"
KeyRow = tuple[UUID, str, str | None, int, bytes | None]
# Id (16 bytes), epoch, wrapped key.
WrappedRow = tuple[bytes, int, bytes]


def lock_active_epoch(tenant_id: UUID) -> int | None:
    """Return the active epoch and hold it until the transaction ends, beside other writers.

    A barrier takes the row FOR UPDATE, so that no key is born under an epoch that it has just destroyed. Django has no
    FOR SHARE; on SQLite the IMMEDIATE transaction of the caller does the same.
    """
    if connection.vendor != "postgresql":
        row = TenantKek.objects.filter(tenant_id=tenant_id, state=TenantKek.State.ACTIVE).values_list("epoch").first()
        return row[0] if row else None
    with prepared_cursor() as cursor:
        cursor.execute(_HOLD_EPOCH, [tenant_id])
        found = cursor.fetchone()
    return int(found[0]) if found else None


def wrapped_before(tenant_id: UUID, epoch: int, *, after: bytes, count: int) -> list[WrappedRow]:
    """Return the first keys after an id that an epoch before this one wraps; ids are 16 bytes.

    No objects are made of them: a hundred thousand take as long as all the wrapping.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_id_column()}, epoch, wrapped FROM {_TABLE}"  # noqa: S608  our own table
            " WHERE tenant_id = %s AND wrapped IS NOT NULL AND epoch < %s AND id > %s ORDER BY id LIMIT %s",
            [own_id(tenant_id), epoch, own_id(UUID(bytes=after)), count],
        )
        return [(_bytes_of(key_id), number, wrapped) for key_id, number, wrapped in cursor.fetchall()]


def wrapped_by(tenant_id: UUID, epoch: int) -> list[tuple[bytes, bytes, bytes]]:
    """Return id, check value and wrapped key of all keys that an epoch wraps, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_id_column()}, kcv, wrapped FROM {_TABLE}"  # noqa: S608  as above
            " WHERE tenant_id = %s AND epoch = %s AND wrapped IS NOT NULL ORDER BY id",
            [own_id(tenant_id), epoch],
        )
        return [(_bytes_of(key_id), kcv, wrapped) for key_id, kcv, wrapped in cursor.fetchall()]


def put_wrapped(tenant_id: UUID, epoch: int, rows: Sequence[tuple[bytes, bytes]]) -> int:
    """Give keys what a later epoch wrapped, in one statement; return how many rows that were."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"UPDATE {_TABLE} AS k SET epoch = %s, wrapped = v.wrapped "  # noqa: S608  as above
                "FROM unnest(%s::bytea[], %s::bytea[]) AS v(id, wrapped)"
                " WHERE k.id = encode(v.id, 'hex')::uuid AND k.tenant_id = %s",
                [epoch, [key_id for key_id, _ in rows], [wrapped for _, wrapped in rows], tenant_id],
            )
        else:
            owner = tenant_id.hex
            cursor.executemany(
                f"UPDATE {_TABLE} SET epoch = %s, wrapped = %s WHERE id = %s AND tenant_id = %s",  # noqa: S608  as above
                [(epoch, wrapped, key_id.hex(), owner) for key_id, wrapped in rows],
            )
        return int(cursor.rowcount)


def _id_column() -> str:
    return "uuid_send(id)" if connection.vendor == "postgresql" else "id"


def _bytes_of(found: bytes | str) -> bytes:
    return found if isinstance(found, bytes) else bytes.fromhex(found)


def truncate_log() -> bool:
    """Empty the write-ahead log of SQLite, which holds former versions of rows; say whether nothing hindered it.

    PostgreSQL recycles its own. Old rows there hold keys of an epoch that is no more.
    """
    if connection.vendor == "postgresql" or connection.in_atomic_block:
        return connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy = cursor.fetchone()[0]
    return not is_busy


def try_lock(number: int) -> bool:
    """Take a lock of this session on PostgreSQL, if nobody has it; it goes with the session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def unlock(number: int) -> None:
    """Give the lock back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


@contextmanager
def held_live_keys(tenant_id: UUID, key_ids: Sequence[UUID]) -> Iterator[Callable[[], dict[UUID, str | None]]]:
    """Ask for those keys that were not destroyed; what is yielded reads the answer: their names, by id.

    Holds the active epoch as `lock_active_epoch` does; without one, no key lives. In a batch neither question is
    waited for until the answer is read.
    """
    with prepared_cursor() as held, prepared_cursor() as cursor:
        is_held = connection.vendor == "postgresql"
        if is_held:
            held.execute(_HOLD_EPOCH, [tenant_id])
        living = "tenant_id = %s AND {any} AND wrapped IS NOT NULL"
        cursor.execute(*_one_of("id, name", living, [tenant_id], "id", key_ids))

        def read() -> dict[UUID, str | None]:
            if is_held and held.fetchone() is None:
                return {}
            return {_PK.to_python(key_id): name for key_id, name in cursor.fetchall()}

        yield read


def find_keys(tenant_id: UUID, kind: str, names: Sequence[str]) -> list[KeyRow]:
    """Return (id, kind, name, epoch, wrapped) of the keys of some names.

    A queryset costs five times what the database does here, and a request may bring fifty studies.
    """
    with prepared_cursor() as cursor:
        of_kind = "tenant_id = %s AND kind = %s AND {any}"
        cursor.execute(*_one_of("id, kind, name, epoch, wrapped", of_kind, [tenant_id, kind], "name", names))
        return [(_PK.to_python(row[0]), *row[1:]) for row in cursor.fetchall()]


def _one_of(
    columns: str, condition: str, values: Sequence[UUID | str], listed: str, wanted: Sequence[UUID] | Sequence[str]
) -> tuple[str, list[Any]]:
    """Return what asks for the keys of which one column is in a list; the statement is the same for all lengths."""
    if connection.vendor == "postgresql":
        one_of, parameters = f"{listed} = ANY(%s)", [*values, list(wanted)]
    else:
        one_of = f"{listed} IN ({', '.join(['%s'] * len(wanted))})"
        parameters = [own_id(value) if isinstance(value, UUID) else value for value in (*values, *wanted)]
    return f"SELECT {columns} FROM {_TABLE} WHERE {condition.format(any=one_of)}", parameters  # noqa: S608  names of ours
