"""`python -m config.serving`: granian with the portal loaded before its workers are forked, so that they share it.

What is loaded here opens no connection and starts no thread of Python: neither would outlive the fork (decision 0099).
"""

import gc
import logging

import django
from django.urls import get_resolver
from granian.cli import entrypoint

from common import heap

# Frames of some megabytes for several readers at once.
_KEPT_BYTES = 16 << 20
# Granian warns of more than two threads a core. Ours wait for disks and for readers (decision 0003); it still warns of
# any other number than the one that we chose.
_CHOSEN_THREADS = "Configuration allows spawning up to 64 Python threads"


def load_portal() -> None:
    """Load all that workers need, but not `config.wsgi`, which starts threads."""
    django.setup()
    # Whoever asks for all addresses loads all views.
    len(get_resolver().reverse_dict)
    gc.collect()
    # What the workers share stays whole when they look for garbage.
    gc.freeze()


def accept_threads() -> None:
    """Let granian take the number of threads that was chosen without a warning."""
    logging.getLogger("_granian").addFilter(lambda record: _CHOSEN_THREADS not in record.getMessage())


if __name__ == "__main__":
    heap.keep(_KEPT_BYTES)
    load_portal()
    accept_threads()
    entrypoint()  # type: ignore[no-untyped-call]  # published without types
