"""`python -m tooling.bench.foreign`: a harness that is not ours, against the servers that `tooling.bench` measures.

Its work, phases, checks and figures are its own; here servers are only started and named to it. Where ours and its
figures differ, one of the two measures something else: that is what it is for.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tooling.bench.orthanc import orthanc
from tooling.bench.orthanc import version as orthanc_version
from tooling.bench.portal import on_postgres, on_sqlite
from tooling.bench.targets import CALLED, CALLING, PEER, ROOT, Target

_HARNESS = ROOT.parent / "shared" / "bench"
_OURS = {"sqlite": on_sqlite, "postgres": on_postgres}


def main() -> int:
    """Run from the command line."""
    options = _options()
    if not (options.harness / "pacs_bench.py").exists() or orthanc_version() is None:
        print("pacs_bench.py or Orthanc is not here: nothing measured")
        return 0
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-foreign-")))
        made = [sys.executable, str(options.harness / "make_studies.py"), str(scratch / "data"), "--tiny", options.tiny]
        subprocess.run(made, check=True)
        for name in options.targets:
            _compare(options.harness, scratch, name, options.measured)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="foreign", description="Measure the portal beside Orthanc by pacs_bench.py.")
    parser.add_argument("--harness", type=Path, default=_HARNESS, help="the folder of pacs_bench.py")
    parser.add_argument("--targets", nargs="+", choices=_OURS, default=list(_OURS))
    parser.add_argument("--tiny", default="10000", help="how many studies to search among")
    parser.add_argument("measured", nargs="*", help="words for `pacs_bench.py run`, after --: --phases, --repeat")
    return parser.parse_args()


def _compare(harness: Path, scratch: Path, name: str, words: Sequence[str]) -> None:
    """Measure one of ours and the peer, phase by phase in turn, and print both beside each other."""
    folder = scratch / name
    with orthanc(folder) as peer, _OURS[name](folder) as ours:
        files = [_describe(one, folder / f"{one.name}.toml") for one in (peer, ours)]
        program = [sys.executable, str(harness / "pacs_bench.py")]
        run = ["run", "--target", *files, "--data", str(scratch / "data"), "--out", str(scratch / "results"), *words]
        subprocess.run([*program, *run], check=True)


def _describe(target: Target, path: Path) -> str:
    """Write what the harness wants to know of a server."""
    root = f"http://127.0.0.1:{target.port}"
    if target.name == PEER:
        # Its multi-frame objects take 0.7 s a frame: the harness skips them too.
        skip, delete, archive = ["mf"], f"{root}/studies/{{orthanc_study}}", f"{root}/studies/{{orthanc_study}}/archive"
    else:
        skip, delete, archive = [], f"{root}/dicom-web/studies/{{study}}", f"{root}/dicom-web/studies/{{study}}"
    headers = "".join(f'{name} = "{value}"\n' for name, value in target.headers.items())
    path.write_text(
        f'name = "{target.name}"\nnote = "{target.title}"\n'
        f'dicomweb = "{root}/dicom-web"\ntimeout = 300\nskip = {skip}\n'
        f"[headers]\n{headers}"
        f'[dimse]\nhost = "127.0.0.1"\nport = {target.dicom_port}\ncalled_ae = "{CALLED}"\ncalling_ae = "{CALLING}"\n'
        f'[archive]\nurl = "{archive}"\naccept = "application/zip"\n'
        f'[delete]\nmethod = "DELETE"\nurl = "{delete}"\n'
        f"[process]\npids = {list(target.pids)}\n"
    )
    return str(path)


if __name__ == "__main__":
    raise SystemExit(main())
