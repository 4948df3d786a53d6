"""For which tenant the present work is done: the only way into tenant-owned rows."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django_scopes import scope, scopes_disabled  # noqa: TID251  the one permitted importer

from common.prepared import batched, planned_once

_current: ContextVar[UUID | None] = ContextVar("tenant_id", default=None)


class ScopeError(RuntimeError):
    """A programming error: work for one tenant was begun inside the scope of another."""


def current_tenant_id() -> UUID | None:
    """Return the tenant of the open scope."""
    return _current.get()


@contextmanager
def tenant_scope(tenant_id: UUID) -> Iterator[None]:
    """Open the scope of one tenant; nested use for the same tenant does nothing.

    On PostgreSQL the scope is one short transaction with `app.tenant_id` set in it, which row-level security reads.
    On SQLite reads stay in autocommit: an IMMEDIATE block would serialise all readers.
    """
    if not isinstance(tenant_id, UUID):
        raise ScopeError("tenant_scope needs the UUID of a tenant")
    current = _current.get()
    if current == tenant_id:
        yield
        return
    if current is not None:
        raise ScopeError("a scope of another tenant is open")
    token = _current.set(tenant_id)
    try:
        with scope(tenant=tenant_id):
            if connection.vendor == "postgresql":
                with _opened(tenant_id):
                    yield
            else:
                yield
    finally:
        _current.reset(token)


@contextmanager
def brief_scope(tenant_id: UUID) -> Iterator[None]:
    """Open the scope of one tenant for questions of few shapes, to which `common.prepared.planned_once` applies.

    On PostgreSQL the first goes with its beginning, what is written with its end; in an open scope each goes by itself.
    """
    with nullcontext() if _current.get() else batched(), tenant_scope(tenant_id), planned_once():
        yield


@contextmanager
def tenant_transaction(tenant_id: UUID) -> Iterator[None]:
    """Open the scope of one tenant and one transaction in it, or a savepoint where the scope is open already.

    On PostgreSQL the scope is a transaction: a savepoint in it would be two questions for nothing.
    """
    is_open = _current.get() is not None
    with tenant_scope(tenant_id):
        if connection.vendor == "postgresql" and not is_open:
            yield
        else:
            with transaction.atomic():
                yield


def _opened(tenant_id: UUID) -> AbstractContextManager[None]:
    """Open a transaction for a tenant; the statement has no parameter, and a UUID is nothing but hexadecimal digits."""
    statement = f"SELECT set_config('app.tenant_id', '{tenant_id}', true)"
    opened: AbstractContextManager[None] = connections[DEFAULT_DB_ALIAS].opened_with(statement)  # type: ignore[attr-defined]  # of our own engine
    return opened


@contextmanager
def platform_scope() -> Iterator[str]:
    """Open all tenants for the housekeeping of the portal; yields the database alias to use.

    On PostgreSQL that is the connection of `portal_platform` (BYPASSRLS) where one is configured: the application's
    own role sees nothing here.
    """
    with scopes_disabled():
        yield "platform" if "platform" in connections.settings else "default"
