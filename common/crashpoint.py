"""Marks where a test may kill the process: nothing in production, a power cut where BITEWING_CRASH_AT names one.

`BITEWING_CRASH_AT=intake.synced` kills at the first pass of that mark, `intake.synced:3` at the third of each process.
"""

import itertools
import os
import signal

from django.conf import settings

_NAME, _, _TURN = settings.BITEWING_CRASH_AT.partition(":")
_passes = itertools.count(1)


def crashpoint(name: str) -> None:
    """End this process without a word, if it was told to end here."""
    if name == _NAME and next(_passes) == int(_TURN or 1):
        os.kill(os.getpid(), signal.SIGKILL)
