"""The raw statement of the outbox: Django has no FOR KEY SHARE."""

from collections.abc import Sequence
from uuid import UUID

from common.prepared import prepared_cursor
from outbox.models import OutboxMessage

_HOLD = (
    f"SELECT dedup_key FROM {OutboxMessage._meta.db_table}"  # noqa: S608  our own table
    " WHERE tenant_id = %s AND dedup_key = ANY(%s) FOR KEY SHARE"
)


def hold_waiting(tenant_id: UUID, dedup_keys: Sequence[str]) -> set[str]:
    """Return those keys whose messages nobody has taken, and let nobody take them before the transaction ends.

    PostgreSQL only. Others may hold the same ones beside us.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_HOLD, [tenant_id, list(dedup_keys)])
        return {dedup_key for (dedup_key,) in cursor.fetchall()}
