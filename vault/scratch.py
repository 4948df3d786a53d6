"""Two buffers for each thread: fresh memory for every block would cost more than its decryption.

Pages that a process has not touched yet are five times as slow to fill as those that it has (370 against 73
microseconds for a frame of 512 KiB, measured). What lies in a buffer is valid until the same thread seals or opens the
next block.
"""

import threading

from vault.objects import SEGMENT_SIZE

# Segments sealed or opened at once.
BATCH = 16


class _Scratch(threading.local):
    def __init__(self) -> None:
        self.cipher = memoryview(bytearray(BATCH * SEGMENT_SIZE))
        self.plain = memoryview(bytearray(BATCH * SEGMENT_SIZE))


buffers = _Scratch()
