"""Threads that wait for disks and networks: the same few for all requests of a process."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

T = TypeVar("T")
_THREADS = 8
# Tasks a thread gets at most: handing over a task costs 20 microseconds, an fsync often less than 100.
_SHARES = 4


@cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="vault-storage")


os.register_at_fork(after_in_child=_executor.cache_clear)


def _run_all(function: Callable[[T], object], items: Sequence[T]) -> None:
    for item in items:
        function(item)


def each(function: Callable[[T], object], items: Sequence[T]) -> None:
    """Call a function for every item, in threads; when all have ended, raise the first error."""
    shares = [items[number :: _THREADS * _SHARES] for number in range(min(len(items), _THREADS * _SHARES))]
    if len(shares) < 2:
        _run_all(function, items)
        return
    futures: list[Future[None]] = [_executor().submit(_run_all, function, share) for share in shares]
    wait(futures)
    for future in futures:
        future.result()
