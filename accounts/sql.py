"""The raw statement of accounts: Django has no lock of what no row holds yet."""

from uuid import UUID

from django.db import connection


def lock_name(credential_id: UUID) -> None:
    """Let one transaction at a time decide whose a name is; SQLite has one writer at a time."""
    if connection.vendor == "postgresql":
        number = int.from_bytes(credential_id.bytes[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
