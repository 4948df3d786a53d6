"""A network has no way out of its process: shown by one that tries, and by the proof that operators run."""

import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]  # published without types
import pytest
from django.core.management import call_command

from inference import children as module
from inference import isolation
from inference.children import Children, Spec
from inference.networks import guard
from inference.networks.errors import EscapeError
from tests.factories import onnx_models
from tests.factories.inference import make_centre, store_films
from tests.hostile.crashing import becomes_true
from tests.inference.escapes import WAYS

ESCAPING = (module.MODULE, "tests.inference.escaping")


@pytest.fixture(scope="module")
def escapers() -> Iterator[Children]:
    found = Children(modules=ESCAPING)
    yield found
    found.close()


def spec() -> Spec:
    files = onnx_models.package()
    return Spec("0" * 64, files["network.yaml"].decode(), False, lambda: files["network.onnx"])


@pytest.mark.req("AI-05")
@pytest.mark.req("AI-07")
@pytest.mark.req("X-13")
@pytest.mark.parametrize("way", range(len(WAYS)), ids=[way.__name__ for way in WAYS])
def test_an_adapter_that_tries_to_get_out_fails_by_name(escapers: Children, way: int) -> None:
    image = np.full((64, 128), way, np.uint8)

    with pytest.raises(EscapeError):
        escapers.ask(spec(), "picture_job", image.tobytes(), shape=[64, 128])


@pytest.mark.req("AI-09")
def test_children_that_nobody_asks_for_a_while_end_and_the_next_image_starts_one() -> None:
    brief = Children(idle_s=0.5)
    image = onnx_models.two_squares()

    def ask() -> int:
        return len(brief.ask(spec(), "picture_job", image.tobytes(), shape=list(image.shape))["findings"])

    try:
        first = ask()
        ended = becomes_true(lambda: not any(box._idle for box in brief._boxes.values()))
        again = ask()
    finally:
        brief.close()

    assert (first, ended, again) == (2, True, 2)


@pytest.mark.django_db
def test_a_run_whose_network_tries_to_get_out_has_failed_and_kept_nothing(
    escapers: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = make_centre()
    monkeypatch.setattr(module, "children", lambda: escapers)
    store_films(centre.tenant, pixels=np.zeros((64, 128), np.uint8))
    centre.deliver()

    (run,) = centre.runs()
    assert (run.state, run.code) == ("failed", "network-escape")
    assert centre.findings() == []


@pytest.fixture
def _own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the comparison outside of the child ask for a way to this machine: not every one has a way to others."""
    program = "from inference.networks import walls; walls._NOWHERE = ('127.0.0.1', 9); walls.main()"
    monkeypatch.setattr(isolation, "_PLAIN", (sys.executable, "-c", program))


@pytest.mark.usefixtures("_own_address")
@pytest.mark.req("X-13")
@pytest.mark.req("BR-41")
def test_what_is_open_here_is_closed_in_a_networks_child() -> None:
    proof = isolation.prove()

    assert proof["holds"] is True
    assert proof["wall"] in {"namespace", "filter"}
    assert set(proof["inside"]) == set(proof["outside"])
    assert "open" not in proof["inside"].values()
    assert set(proof["outside"].values()) == {"open"}


@pytest.mark.usefixtures("_own_address")
@pytest.mark.req("X-13")
def test_the_proof_comes_to_an_end_while_other_threads_work() -> None:
    # A fork of this process would hold a copy of the interpreter's lock that nobody gives back.
    over = threading.Event()
    workers = [threading.Thread(target=_count_until, args=(over,), daemon=True) for _ in range(3)]
    proof: list[dict[str, Any]] = []
    prover = threading.Thread(target=lambda: proof.append(isolation.prove()), daemon=True)
    for thread in (*workers, prover):
        thread.start()
    prover.join(60)
    over.set()

    assert [set(one["outside"].values()) for one in proof] == [{"open"}]


def _count_until(over: threading.Event) -> None:
    count = 0
    while not over.is_set():
        count += 1


@pytest.mark.usefixtures("_own_address")
def test_a_kernel_without_walls_leaves_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare:
        def isolation(self) -> dict[str, Any]:
            return {"network": "", "files": False, "programs": False}

        def forget(self, digest: str) -> None:
            assert digest == module.NO_NETWORK

    inside = {"socket by Python": "stopped by the guard", "socket by the C library": "open"}
    inside |= {"packet to an address": "stopped by the guard", "new process": "open"}
    monkeypatch.setattr(module, "children", Bare)
    monkeypatch.setattr(module, "ask_plain", lambda job: {"attempts": inside})
    proof = isolation.prove()

    assert (proof["wall"], proof["holds"]) == ("guard", True)


@pytest.mark.usefixtures("_own_address")
@pytest.mark.req("X-13")
def test_the_command_shows_which_wall_holds(capsys: pytest.CaptureFixture[str]) -> None:
    # Those of tests before this one.
    module.children().close()
    call_command("inference", "prove_isolation", "--json")

    assert json.loads(capsys.readouterr().out)["holds"] is True
    # Most centres need the child of the proof for nothing else.
    running = [" ".join(child.cmdline()) for child in psutil.Process().children()]
    assert [one for one in running if one.endswith(module.MODULE)] == []


@pytest.mark.parametrize("event", ["socket.connect", "subprocess.Popen", "os.fork", "os.exec", "os.system"])
def test_the_guard_names_each_attempt(event: str) -> None:
    with pytest.raises(EscapeError, match=event):
        guard._refuse(event, ())


def test_the_guard_lets_a_network_work() -> None:
    guard._refuse("object.__getattr__", ())
