"""Whether a connection that was kept is still of use, without a question to the server each time.

A server that ends a connection says so, or its kernel does: then the line has something to read. A line that only
forwards may have forgotten it in silence, which takes its time.
"""

import math
import select
import time
from typing import Any, Final
from weakref import WeakKeyDictionary

from psycopg import Connection, Error

# Whatever lies between does not forget a line so soon.
_TRUSTED_S: Final = 30.0
_rested_since: "WeakKeyDictionary[Connection[Any], float]" = WeakKeyDictionary()


def rest(connection: "Connection[Any]") -> None:
    """Note that nobody uses a connection from now on."""
    _rested_since[connection] = time.monotonic()


def lives(connection: "Connection[Any]") -> bool:
    """Say whether a connection in no transaction is of use; only one that gives reason to doubt is asked."""
    rested_s = time.monotonic() - _rested_since.pop(connection, -math.inf)
    try:
        if rested_s > _TRUSTED_S or _has_something_to_read(connection.fileno()):
            connection.execute("")
    except Error:
        return False
    return True


def _has_something_to_read(descriptor: int) -> bool:
    line = select.poll()
    line.register(descriptor, select.POLLIN)
    return bool(line.poll(0))
