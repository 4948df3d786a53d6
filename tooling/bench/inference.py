"""`python -m tooling.bench.inference [FILMS]`: from a stored film to its findings, and a batch beside the bare runtime.

One process, as on embedded defaults: the worker's loop, and the network's child. First a film at a time arrives and is
waited for. Then a network is asked about all films by a batch, and after each film the same tensor goes through ONNX
Runtime alone, with as many threads: what else the machine does meets both.
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from tooling.bench.targets import ROOT

JSON: Final = ROOT / "build" / "bench-inference.json"
FILMS: Final = 200
ARRIVALS: Final = 40
THREADS: Final = 2
AIM_S: Final = 1.0
AIM_OVERHEAD: Final = 1.25
_PATIENCE_S: Final = 120.0
_LOOK_S: Final = 0.005


def main() -> int:
    """Measure, print, write the raw figures; the exit status says whether an aim was missed."""
    films = int(sys.argv[1]) if len(sys.argv) > 1 else FILMS
    with tempfile.TemporaryDirectory(prefix="bitewing-bench-") as folder:
        os.environ |= {"BITEWING_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        import django

        django.setup()
        figures = _measure(films, min(films, ARRIVALS))
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(json.dumps(figures, indent=1))
    print(f"{figures['network']}, films of {figures['size']}, {figures['findings']} findings in {films} films")
    print(f"one film, stored object to stored findings: p50 {figures['p50_s']:.3f} s, p95 {figures['p95_s']:.3f} s")
    print(f"  in it the runtime {figures['runtime_share']:.0%}, the network's child {figures['child_share']:.0%} (p50)")
    print(f"batch: {figures['per_minute']:.0f} films a minute, bare runtime {figures['bare_per_minute']:.0f}")
    print(f"  {figures['overhead']:.2f} times the runtime's time (aim {AIM_OVERHEAD})")
    return int(figures["p95_s"] >= AIM_S or figures["overhead"] >= AIM_OVERHEAD)


def _measure(films: int, arrivals: int) -> dict[str, Any]:
    from django.core.management import call_command

    from accounts import services as accounts
    from common.scope import tenant_scope
    from inference import selectors, services
    from inference.models import Finding, Run

    call_command("migrate", verbosity=0, interactive=False)
    tenant = accounts.create_tenant(name="Bench")
    owner, network_id, image = _network(tenant)
    with tenant_scope(tenant.id):
        bare = _Bare(selectors.get_network(network_id=network_id), image)
    rule_id = services.add_rule(actor=owner, network_id=network_id, conditions=services.Conditions())
    with _working():
        # The first starts the children and reads the network.
        _arrive(tenant, image, 0)
        arrived = [(_arrive(tenant, image, number), bare.run()) for number in range(1, arrivals + 1)]
    with tenant_scope(tenant.id):
        child_s = statistics.median(Run.objects.values_list("wall_ms", flat=True)) / 1000
    services.switch_rule(actor=owner, rule_id=rule_id, is_on=False)
    took, bare_took = _batch(tenant, owner, network_id, image=image, films=films, bare=bare)
    with tenant_scope(tenant.id):
        done = Run.objects.filter(state="done").count()
        findings = Finding.objects.exclude(run__batch_id=None).count()
    if done != films + arrivals + 1 or not findings:
        raise RuntimeError(f"{done} runs are done, with {findings} findings")
    waits, alone = zip(*arrived, strict=True)
    p50 = statistics.median(waits)
    return {
        "network": bare.title,
        "films": films,
        "findings": findings,
        "size": "x".join(map(str, image.shape)),
        "p50_s": p50,
        "p95_s": statistics.quantiles(waits, n=20)[-1],
        "runtime_share": statistics.median(alone) / p50,
        "child_share": child_s / p50,
        "per_minute": 60 * films / took,
        "bare_per_minute": 60 * films / bare_took,
        "overhead": took / bare_took,
    }


class _Bare:
    """The runtime alone, on the tensor that the network is shown."""

    def __init__(self, network: Any, image: Any) -> None:
        import numpy as np

        from inference import selectors
        from inference.looking import spec_of
        from inference.networks import pixels, runtime

        manifest = selectors.manifest_of(network)
        self.title = f"{network.name} {network.version}"
        self._session = runtime.Session(spec_of(network, manifest).read_onnx(), manifest, threads=THREADS)
        self._tensor, _ = pixels.make_tensor((image >> 4).astype(np.uint8), manifest.input)
        self.run()

    def run(self) -> float:
        """Run once; return the seconds."""
        return _timed(lambda: self._session(self._tensor))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _network(tenant: Any) -> tuple[Any, Any, Any]:
    """Take in the network that comes with the portal; return its golden image as a film of 12 bits too."""
    import io

    import numpy as np

    from inference import services
    from tests.factories.cast import make_actor

    files = services.read_folder(services.list_bundled()[0])
    owner = make_actor(tenant, "owner")
    network_id = services.import_network(actor=owner, files=files)
    golden = np.load(io.BytesIO(files["golden.npy"]))
    return owner, network_id, np.kron(golden, np.ones((4, 4), np.uint8)).astype(np.uint16) << 4


@contextmanager
def _working() -> Iterator[None]:
    """Let the embedded worker's loop run beside the block."""
    from outbox import worker

    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop, ()))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _arrive(tenant: Any, image: Any, number: int) -> float:
    """Store a film, and wait for its analysis; return the seconds from the one to the other."""
    from common.scope import tenant_scope
    from inference.models import Run

    before = number
    _store(tenant, image, f"arrival-{number}", number)
    began = time.perf_counter()
    while True:
        with tenant_scope(tenant.id):
            if Run.objects.filter(state="done").count() > before:
                return time.perf_counter() - began
        if time.perf_counter() - began > _PATIENCE_S:
            raise RuntimeError("a film was not analysed")
        time.sleep(_LOOK_S)


def _batch(tenant: Any, owner: Any, network_id: Any, *, image: Any, films: int, bare: _Bare) -> tuple[float, float]:
    """Ask the network about as many stored films, bare runs in between; return the seconds of both."""
    import datetime as dt

    from inference import services
    from outbox import services as outbox

    for number in range(films):
        _store(tenant, image, f"batch-{number}", ARRIVALS + 1 + number, StudyDate="20250601")
        outbox.drain([tenant.id])
    day = dt.date(2025, 6, 1)
    took = _timed(lambda: services.begin_batch(actor=owner, network_id=network_id, from_date=day, to_date=day))
    alone: list[float] = []
    while True:
        began = time.perf_counter()
        ids = outbox.due_ids(limit=20)
        took += time.perf_counter() - began
        if not ids:
            return took, statistics.fmean(alone) * films
        for message_id in ids:
            took += _timed(partial(outbox.run, message_id))
            alone.append(bare.run())


def _store(tenant: Any, image: Any, seed: str, number: int, **elements: Any) -> None:
    """Store a film that is no other's copy."""
    from tests.factories.inference import make_film
    from tests.factories.studies import store

    own = image.copy()
    own[0, 0] = number
    shown = {"BitsStored": 12, "HighBit": 11, "WindowCenter": 2048, "WindowWidth": 4096}
    store(tenant.id, [make_film(seed, pixels=own, **shown, **elements)])


if __name__ == "__main__":
    sys.exit(main())
