"""Rights given up for good: each in a process of its own, since it cannot take them back."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="rights are taken away on Linux only")


def outcome(program: str) -> str:
    result = subprocess.run(  # our own interpreter
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return result.stdout.strip() or f"exit {result.returncode}"


@pytest.mark.parametrize(
    ("group", "attempt"),
    [
        ("network", "import socket; socket.socket()"),
        ("network", "import socket; socket.socketpair()"),
        ("programs", "import os; os.execv('/bin/true', ['true'])"),
        ("programs", "import os; os.kill(1, 0)"),
        ("programs", "import os; os.fork()"),
        ("files", "open('/etc/hostname')"),
        ("files", "import os; os.unlink('/tmp/absent')"),
        ("files", "import os; os.rename('/tmp/absent', '/tmp/absent2')"),
    ],
)
def test_a_forbidden_call_is_not_permitted(group: str, attempt: str) -> None:
    module, _, call = attempt.rpartition("; ")
    program = (
        f"{module or 'pass'}\nfrom common import isolation\nassert isolation.forbid(['{group}'])\n"
        f"try:\n    {call}\nexcept PermissionError:\n    print('not permitted')"
    )
    assert outcome(program) == "not permitted"


def test_what_is_not_forbidden_goes_on() -> None:
    program = "from common import isolation\nisolation.forbid(['network'])\nprint(len(open('/dev/null').read()))"
    assert outcome(program) == "0"


def test_threads_go_on_where_programs_do_not() -> None:
    program = (
        "import threading\nfrom common import isolation\nisolation.forbid(['programs'])\n"
        "thread = threading.Thread(target=print, args=['ran'])\nthread.start()\nthread.join()"
    )
    assert outcome(program) == "ran"


def test_leaving_the_network_leaves_no_interface_but_an_idle_loopback() -> None:
    program = (
        "import socket\nfrom common import isolation\n"
        "print(isolation.drop_network() and [name for _, name in socket.if_nameindex()])"
    )
    assert outcome(program) in {"['lo']", "exit 0"}


def test_processor_time_is_bounded() -> None:
    program = "from common import isolation\nisolation.limit_cpu(0)\nwhile True: pass"
    assert outcome(program) == "exit -24"


def test_memory_is_bounded() -> None:
    program = (
        "from common import isolation\nisolation.limit_resources(memory_bytes=1 << 28)\n"
        "try:\n    bytes(1 << 29)\nexcept MemoryError:\n    print('no memory')"
    )
    assert outcome(program) == "no memory"


def test_no_file_can_grow() -> None:
    program = (
        "import signal, tempfile\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nfrom common import isolation\n"
        "file = tempfile.TemporaryFile(buffering=0)\nisolation.limit_resources(memory_bytes=1 << 30)\n"
        "try:\n    file.write(b'x')\nexcept OSError as error:\n    print(error.strerror)"
    )
    assert outcome(program) == "File too large"
