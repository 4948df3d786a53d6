"""On what it was measured: machine, versions, commit."""

import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # published without types

from tooling.bench.targets import ROOT


def describe() -> dict[str, str | int | float]:
    """Return what a reader must know to compare figures."""
    return {
        "processor": _processor(),
        "cores": psutil.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "django": version("django"),
        "granian": version("granian"),
        "load_before": round(psutil.getloadavg()[0], 2),
    }


def commit() -> str:
    """Return the commit of the checkout; a plus sign says that files differ from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"

    def ask(*words: str) -> str:
        command = [git, "-c", "safe.directory=*", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    is_changed = bool(ask("status", "--porcelain", "--untracked-files=no"))
    return (ask("rev-parse", "--short=12", "HEAD") or "unknown") + ("+" if is_changed else "")


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
