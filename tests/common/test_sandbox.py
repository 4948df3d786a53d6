"""Children that hostile bytes cannot leave."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.sandbox import Sandbox, SandboxError

JOBS = "tests.common.hostile_jobs"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="rights are taken away on Linux only")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox([JOBS], workers=2, cpu_s=1, timeout_s=5)
    yield box
    box.close()


def run(sandbox: Sandbox, job: str, data: bytes = b"", **params: Any) -> bytes:
    return sandbox.run(f"{JOBS}:{job}", data, params=params)


def test_a_job_gets_its_bytes_and_gives_its_bytes(sandbox: Sandbox) -> None:
    assert run(sandbox, "echo_job", b"abc", times=2) == b"abcabc"


def test_bytes_larger_than_a_pipe_pass_both_ways(sandbox: Sandbox) -> None:
    data = os.urandom(9_000_001)
    assert run(sandbox, "echo_job", data) == data


def test_empty_bytes_pass(sandbox: Sandbox) -> None:
    assert run(sandbox, "echo_job") == b""


def test_views_of_memory_pass_without_a_copy(sandbox: Sandbox) -> None:
    assert sandbox.run(f"{JOBS}:echo_job", memoryview(b"0123456789")[2:5]) == b"234"


def test_a_child_lives_on_for_the_next_job() -> None:
    box = Sandbox([JOBS], workers=1)
    assert run(box, "pid_job") == run(box, "pid_job")
    box.close()


def test_a_child_is_replaced_after_its_share_of_jobs() -> None:
    box = Sandbox([JOBS], workers=1, jobs_per_child=1)
    assert run(box, "pid_job") != run(box, "pid_job")
    box.close()


def test_many_threads_share_a_few_children(sandbox: Sandbox) -> None:
    inputs = [str(number).encode() * 1000 for number in range(60)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda data: run(sandbox, "echo_job", data), inputs)) == inputs


def test_a_refusal_keeps_its_text(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="frame 1 is no frame") as caught:
        run(sandbox, "refuse_job")
    assert (caught.value.reason, caught.value.status, caught.value.code) == ("refused", 422, "sandbox-failed")


def test_an_unforeseen_error_names_its_kind_and_no_value(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match=r"^the data could not be read \(ValueError\)$") as caught:
        run(sandbox, "fail_job")
    assert "Doe" not in repr(caught.value)


def test_a_crash_is_an_error_and_the_next_job_runs(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError) as caught:
        run(sandbox, "crash_job")
    assert caught.value.reason == "crashed"
    assert run(sandbox, "echo_job", b"next") == b"next"


def test_a_job_that_waits_too_long_is_ended() -> None:
    box = Sandbox([JOBS], timeout_s=0.3)
    with pytest.raises(SandboxError) as caught:
        run(box, "hang_job")
    assert caught.value.reason == "timeout"
    box.close()


@LINUX
def test_a_job_that_computes_too_long_is_ended(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError) as caught:
        run(sandbox, "spin_job")
    assert caught.value.reason == "timeout"


def test_processor_time_counts_for_each_job_anew(sandbox: Sandbox) -> None:
    answers = {run(sandbox, "echo_job", b"x" * 200_000) for _ in range(20)}
    assert answers == {b"x" * 200_000}


@LINUX
def test_memory_is_bounded() -> None:
    box = Sandbox([JOBS], memory_bytes=256 << 20)
    assert run(box, "allocate_job", size=1 << 20) == b"\0"
    with pytest.raises(SandboxError) as caught:
        run(box, "allocate_job", size=1 << 30)
    assert caught.value.reason == "memory"
    box.close()


def test_a_child_cannot_claim_an_endless_answer(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError) as caught:
        run(sandbox, "lie_job")
    assert caught.value.reason == "crashed"


@LINUX
@pytest.mark.parametrize(
    ("job", "params"), [("connect_job", {}), ("open_job", {"path": "/etc/hostname"}), ("spawn_job", {})]
)
def test_network_files_and_programs_are_out_of_reach(sandbox: Sandbox, job: str, params: dict[str, str]) -> None:
    with pytest.raises(SandboxError, match=r"PermissionError"):
        sandbox.run(f"{JOBS}:{job}", params=params)


@LINUX
def test_the_sandbox_says_what_its_children_gave_up(sandbox: Sandbox) -> None:
    isolation = sandbox.isolation()
    assert isolation["network"] in {"namespace", "filter"}
    assert isolation["files"]
    assert isolation["programs"]


def test_nothing_of_the_parents_environment_is_inherited(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITEWING_SECRET_KEY", "secret")
    box = Sandbox([JOBS])
    assert b"SECRET" not in run(box, "environment_job")
    box.close()


@LINUX
def test_only_the_pipes_are_open(sandbox: Sandbox) -> None:
    with open("/dev/null") as held:  # noqa: PTH123  # any open file of the parent
        os.set_inheritable(held.fileno(), True)
        box = Sandbox([JOBS])
        assert list(run(box, "files_job")) == [0, 1, 2]
    box.close()


@pytest.mark.parametrize("job", [f"{JOBS}:not_offered", "os:abort", "os:system", f"{JOBS}:", "", f"{JOBS}:absent_job"])
def test_only_jobs_of_the_given_modules_run(sandbox: Sandbox, job: str) -> None:
    with pytest.raises(SandboxError):
        sandbox.run(job)


def test_a_module_that_cannot_be_imported_is_an_error_not_a_hang() -> None:
    with pytest.raises(SandboxError) as caught:
        Sandbox(["tests.common.absent"]).run("tests.common.absent:echo_job")
    assert caught.value.reason == "crashed"


@LINUX
def test_a_forked_copy_starts_children_of_its_own() -> None:
    box = Sandbox([JOBS], workers=1)
    before, held = run(box, "pid_job"), list(box._idle)
    box._owner = -1  # as in a copy of this process
    assert run(box, "pid_job") != before
    held.pop().kill()
    box.close()
