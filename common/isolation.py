"""Taking rights away from the current process: network, programs, files, memory (Linux).

Nothing here can be undone by the process itself. Called in children that read hostile bytes, before they read any.
"""

import ctypes
import platform
import resource
import struct
import sys
from collections.abc import Sequence
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2

# Numbers of system calls, from the kernel's tables for each architecture; the first number is its AUDIT_ARCH.
_NUMBERS: Final = {
    "x86_64": (
        0xC000003E,
        {
            # socket connect accept sendto sendmsg bind listen socketpair accept4 sendmmsg
            "network": (41, 42, 43, 44, 46, 49, 50, 53, 288, 307),
            # fork vfork execve kill ptrace process_vm_readv process_vm_writev execveat io_uring_setup
            "programs": (57, 58, 59, 62, 101, 310, 311, 322, 425),
            # open truncate rename mkdir rmdir creat link unlink symlink chmod and their -at forms, openat2
            "files": (2, 76, 82, 83, 84, 85, 86, 87, 88, 90, 257, 258, 263, 264, 265, 266, 268, 304, 316, 437),
            "clone": (56,),
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "network": (198, 199, 200, 201, 202, 203, 206, 211, 242, 269),
            "programs": (117, 129, 221, 270, 271, 281, 425),
            "files": (34, 35, 36, 37, 38, 45, 53, 56, 265, 276, 437),
            "clone": (220,),
        },
    ),
}
_CLONE3: Final = 435
_CLONE_THREAD: Final = 0x00010000
_X32_CALLS: Final = 0x40000000
_LOAD_WORD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_JUMP_IF_AT_LEAST: Final = 0x35
_JUMP_IF_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06
_VERDICTS: Final = {"allow": 0x7FFF0000, "kill": 0x80000000, "not permitted": 0x00050001, "unknown call": 0x00050026}
# Where seccomp_data has the number of the call, the architecture and the low word of the first argument.
_CALL, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def limit_resources(*, memory_bytes: int, open_files: int = 64) -> None:
    """Bound the address space and open files; allow no files to be written and no core dumps."""
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def limit_cpu(seconds: int) -> None:
    """End the process by SIGXCPU once it has used so many more seconds of processor time than now."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + seconds, hard))


def drop_network() -> str:
    """Leave all networks, where the kernel allows it: gives ``"namespace"``, or ``""`` if it does not."""
    if sys.platform != "linux":
        return ""
    libc = ctypes.CDLL(None, use_errno=True)
    left = libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    return "namespace" if left else ""


def hide_memory() -> None:
    """Let no process of the same user read this one's memory."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def forbid(groups: Sequence[str]) -> bool:
    """Forbid groups of system calls (``network``, ``programs``, ``files``) for good; False where that is impossible.

    A forbidden call fails with EPERM; calls of another architecture's table end the process.
    """
    known = _NUMBERS.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return False
    architecture, table = known
    numbers = [number for group in groups for number in table[group]]
    code = _filter(architecture, numbers, clone=table["clone"][0] if "programs" in groups else None)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(architecture: int, numbers: Sequence[int], *, clone: int | None) -> bytes:
    """Write the classic BPF program.

    New threads stay allowed, new processes do not; clone3, whose flags a filter cannot see, answers that it does not
    exist, upon which the C library uses clone.
    """
    steps = [
        (_LOAD_WORD, _ARCHITECTURE, "", ""),
        (_JUMP_IF_EQUAL, architecture, "", "kill"),
        (_LOAD_WORD, _CALL, "", ""),
        (_JUMP_IF_AT_LEAST, _X32_CALLS, "kill", ""),
        *((_JUMP_IF_EQUAL, number, "not permitted", "") for number in numbers),
    ]
    if clone is not None:
        steps += [
            (_JUMP_IF_EQUAL, _CLONE3, "unknown call", ""),
            (_JUMP_IF_EQUAL, clone, "", "allow"),
            (_LOAD_WORD, _FIRST_ARGUMENT, "", ""),
            (_JUMP_IF_ANY_BIT, _CLONE_THREAD, "allow", "not permitted"),
        ]
    return _assemble(steps)


def _assemble(steps: Sequence[tuple[int, int, str, str]]) -> bytes:
    """Put the verdicts behind the steps and turn their names into distances; an empty name is the next step."""
    ends = {name: len(steps) + index for index, name in enumerate(_VERDICTS)}
    code = b""
    for index, (operation, operand, if_true, if_false) in enumerate(steps):
        jumps = [ends[name] - index - 1 if name else 0 for name in (if_true, if_false)]
        code += struct.pack("=HBBI", operation, *jumps, operand)
    return code + b"".join(struct.pack("=HBBI", _RETURN, 0, 0, verdict) for verdict in _VERDICTS.values())
