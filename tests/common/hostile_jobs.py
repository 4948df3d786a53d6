"""Jobs that do what a job must not: the module that the sandbox's tests run."""

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from common.errors import InvalidInputError

Parameters = dict[str, Any]


def echo_job(parameters: Parameters, data: bytes) -> bytes:
    return data * int(parameters.get("times", 1))


def pid_job(parameters: Parameters, data: bytes) -> bytes:
    return str(os.getpid()).encode()


def refuse_job(parameters: Parameters, data: bytes) -> bytes:
    raise InvalidInputError("frame 1 is no frame")


def fail_job(parameters: Parameters, data: bytes) -> bytes:
    raise ValueError("Doe^Jane")


def crash_job(parameters: Parameters, data: bytes) -> bytes:
    os.abort()


def hang_job(parameters: Parameters, data: bytes) -> bytes:
    time.sleep(60)
    return b""


def spin_job(parameters: Parameters, data: bytes) -> bytes:
    while True:
        pass


def allocate_job(parameters: Parameters, data: bytes) -> bytes:
    return bytes(parameters["size"])[:1]


def lie_job(parameters: Parameters, data: bytes) -> bytes:
    os.write(1, b"\xff" * 12)
    time.sleep(60)
    return b""


def connect_job(parameters: Parameters, data: bytes) -> bytes:
    socket.socket()
    return b""


def open_job(parameters: Parameters, data: bytes) -> bytes:
    return Path(parameters["path"]).read_bytes()


def spawn_job(parameters: Parameters, data: bytes) -> bytes:
    return subprocess.run(["/bin/true"], check=True, capture_output=True).stdout


def environment_job(parameters: Parameters, data: bytes) -> bytes:
    return "\n".join(sorted(os.environ)).encode()  # noqa: TID251


def files_job(parameters: Parameters, data: bytes) -> bytes:
    return bytes(number for number in range(64) if _is_open(number))


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def not_offered(parameters: Parameters, data: bytes) -> bytes:
    return b"reached"
