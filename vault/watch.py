"""Forgetting keys when another process has ended an epoch.

A barrier leaves a message in the keyring. Every process reads it when it uses a key, at most every two seconds, and
every five seconds when it does not; when it has changed, all keys are dropped from memory. What a barrier destroyed is
hence forgotten everywhere within five seconds, without a broker. A lost message costs the five minutes of the caches.
"""

import threading
import time
from contextlib import suppress

from django.conf import settings

from common.errors import DomainError
from vault import keyring, keys_of_studies

LOOK_S = 2.0
TURN_S = 5.0


class _Watch:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.looked = 0.0
        self.url = ""
        self.seen: bytes | None = None

    def look(self) -> None:
        if time.monotonic() - self.looked < LOOK_S or not self.lock.acquire(blocking=False):
            return
        try:
            self.looked = time.monotonic()
            self._read()
        finally:
            self.lock.release()

    def _read(self) -> None:
        url, message = settings.BITEWING_KEYRING_URL, keyring.current().message()
        if (url, message) != (self.url, self.seen):
            self.url, self.seen = url, message
            forget()


_watch = _Watch()


def look() -> None:
    """Read the message if that was not done just now; a keyring that does not answer changes nothing."""
    with suppress(DomainError):
        _watch.look()


def forget() -> None:
    """Drop all keys of this process."""
    keyring.current().forget()
    keys_of_studies.forget()


def start() -> None:
    """Look every few seconds, also when nobody uses keys, in a thread of this process."""
    threading.Thread(target=_run, name="vault-watch", daemon=True).start()


def _run() -> None:
    pause = threading.Event()
    while not pause.wait(TURN_S):
        look()
        keyring.current().expire()
        keys_of_studies.expire()
