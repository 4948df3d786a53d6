"""The connection to the database of an association's thread: held while it is used, given back in pauses."""

from django.db import connection


def give_back() -> None:
    """Close the thread's connection, or return it to the pool; not from inside a transaction of somebody else."""
    if not connection.in_atomic_block:
        connection.close()
