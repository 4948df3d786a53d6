"""What the kernel says about the disk under a folder, and what it is asked to keep (Linux)."""

import os
import shutil
from pathlib import Path

_BLOCK_DEVICES = Path("/sys/dev/block")


def is_encrypted(path: Path) -> bool | None:
    """Say whether a path lies on a volume of dm-crypt; None where the kernel does not tell (network, container)."""
    device = path.stat().st_dev
    folder = _BLOCK_DEVICES / f"{os.major(device)}:{os.minor(device)}"
    return _is_crypt(folder) if folder.exists() else None


def _is_crypt(folder: Path) -> bool:
    """Look at a block device and at those that it is made of: a logical volume may lie on an encrypted one."""
    name = folder / "dm" / "uuid"
    if name.is_file() and name.read_text().startswith("CRYPT-"):
        return True
    below = folder / "slaves"
    return below.is_dir() and any(_is_crypt(one.resolve()) for one in below.iterdir())


def free_percent(path: Path) -> float:
    """Return the free share of the disk under a path."""
    usage = shutil.disk_usage(path)
    return round(100 * usage.free / usage.total, 1)


def is_other_disk(one: Path, other: Path) -> bool:
    """Say whether two paths lie on different file systems."""
    return one.stat().st_dev != other.stat().st_dev


def sync_path(path: Path) -> None:
    """Make the content of a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_bytes(path: Path) -> int:
    """Return how much room is left under a path."""
    return shutil.disk_usage(path).free
