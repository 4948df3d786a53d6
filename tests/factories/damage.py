"""Files that something happened to on the disk."""

from pathlib import Path


def change_last_byte(path: Path) -> None:
    """Change one bit of the last byte, whatever it is."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
