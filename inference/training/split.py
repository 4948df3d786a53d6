"""Which films teach, which choose, and which judge: fixed, by hash, and written down with the hash of each file.

The data holds up to three mirrored copies of one film; all copies of a film are on the same side, or the judging
images would have been seen. `python -m inference.training.split --data FOLDER --part test --out build/test` writes one
part as a folder for `manage.py inference evaluate`.
"""

import argparse
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inference.training.annotations import Film

Part = Literal["train", "val", "test"]
PARTS: tuple[Part, ...] = ("train", "val", "test")
SPLIT_FILE = Path(__file__).with_name("split.json")
SALT = "panoramic-detector-1"
# Of 1,000 places of the hash: the first for judging, the next for choosing, the rest for teaching.
TEST_PLACES = 110
VAL_PLACES = 100


@dataclass(frozen=True)
class Entry:
    """One image of the split."""

    image_id: int
    file_name: str
    sha256: str


def part_of(number: str) -> Part:
    """Say on which side all images of this film are."""
    place = int.from_bytes(hashlib.sha256(f"{SALT}/{number}".encode()).digest()[:8], "big") % 1000
    if place < TEST_PLACES:
        return "test"
    return "val" if place < TEST_PLACES + VAL_PLACES else "train"


def make_split(films: Iterable[Film], folder: Path) -> dict[Part, tuple[Entry, ...]]:
    """Sort the films into the three parts and hash their files."""
    parts: dict[Part, list[Entry]] = {part: [] for part in PARTS}
    for film in films:
        digest = hashlib.sha256((folder / film.file_name).read_bytes()).hexdigest()
        parts[part_of(film.number)].append(Entry(film.image_id, film.file_name, digest))
    return {part: tuple(entries) for part, entries in parts.items()}


def write_split(split: Mapping[Part, tuple[Entry, ...]], path: Path = SPLIT_FILE) -> None:
    """Write ids, names and hashes, one image a line."""
    lines = [
        f' "{part}": [\n'
        + ",\n".join(f"  {json.dumps([entry.image_id, entry.file_name, entry.sha256])}" for entry in split[part])
        + "\n ]"
        for part in PARTS
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def read_split(path: Path = SPLIT_FILE) -> dict[Part, tuple[Entry, ...]]:
    """Read what `write_split` wrote."""
    content: dict[Part, list[Any]] = json.loads(path.read_text(encoding="utf-8"))
    return {part: tuple(Entry(*row) for row in content[part]) for part in PARTS}


def write_part(part: Part, data: Path, out: Path) -> int:
    """Write the images of one part as links, and their annotations; return how many images there are.

    Raises
    ------
    ValueError
        If a file is not the one that the split was made of.
    """
    entries = read_split()[part]
    (out / "images").mkdir(parents=True, exist_ok=True)
    for entry in entries:
        source, link = (data / "images" / entry.file_name).resolve(), out / "images" / entry.file_name
        if hashlib.sha256(source.read_bytes()).hexdigest() != entry.sha256:
            raise ValueError(f"{entry.file_name} is not the file that the split was made of")
        link.unlink(missing_ok=True)
        link.symlink_to(source)
    content = json.loads((data / "annotations.json").read_text(encoding="utf-8"))
    ids = {entry.image_id for entry in entries}
    content["images"] = [image for image in content["images"] if image["id"] in ids]
    content["annotations"] = [one for one in content["annotations"] if one["image_id"] in ids]
    (out / "annotations.json").write_text(json.dumps(content), encoding="utf-8")
    return len(ids)


def main() -> None:
    """Write one part as a folder of images and annotations."""
    parser = argparse.ArgumentParser(description="Write one part of the split as a folder to evaluate a network on.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    print(f"{write_part(options.part, options.data, options.out)} images in {options.out}")


if __name__ == "__main__":
    main()
