"""The fixed split of the detector's data."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from inference.training.annotations import CLASSES, Film, read_films
from inference.training.split import PARTS, make_split, part_of, read_split, write_part, write_split

EMPTY = np.zeros((0, 4), np.float32)


def make_film(image_id: int, file_name: str) -> Film:
    return Film(image_id, file_name, 8, 4, EMPTY, np.zeros(0, np.int64))


def test_no_film_has_copies_in_two_parts() -> None:
    parts = {part: {entry.file_name.split("-")[0] for entry in entries} for part, entries in read_split().items()}

    assert not parts["train"] & parts["val"]
    assert not parts["train"] & parts["test"]
    assert not parts["val"] & parts["test"]


def test_every_image_is_in_the_part_that_its_number_says() -> None:
    split = read_split()

    assert {part: len(entries) for part, entries in split.items()} == {"train": 876, "val": 98, "test": 103}
    assert all(part_of(entry.file_name.split("-")[0]) == part for part in PARTS for entry in split[part])


def test_a_split_is_read_as_it_was_written(tmp_path: Path) -> None:
    names = ["0001-a.jpg", "0001-b.jpg", "0002-c.jpg", "0014-d.jpg"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    split = make_split([make_film(place, name) for place, name in enumerate(names)], tmp_path)

    write_split(split, tmp_path / "split.json")

    assert read_split(tmp_path / "split.json") == split
    assert sorted(entry.file_name for part in PARTS for entry in split[part]) == names


def test_the_data_is_what_the_split_was_made_of(data_folder: Path) -> None:
    folder = data_folder / "panoramic"
    films = {film.image_id: film for film in read_films(folder / "annotations.json")}
    entries = [entry for part in PARTS for entry in read_split()[part]]

    assert {entry.image_id for entry in entries} == set(films)
    for entry in entries:
        assert films[entry.image_id].file_name == entry.file_name
        assert hashlib.sha256((folder / "images" / entry.file_name).read_bytes()).hexdigest() == entry.sha256


def test_a_part_becomes_a_folder_to_evaluate_a_network_on(data_folder: Path, tmp_path: Path) -> None:
    count = write_part("test", data_folder / "panoramic", tmp_path)

    written = json.loads((tmp_path / "annotations.json").read_text())
    ids = {entry.image_id for entry in read_split()["test"]}
    assert count == len(written["images"]) == len(list((tmp_path / "images").iterdir())) == 103
    assert {image["id"] for image in written["images"]} == ids
    assert {one["image_id"] for one in written["annotations"]} <= ids


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for entry in read_split()["test"]:
        (tmp_path / "images" / entry.file_name).write_bytes(b"another")

    with pytest.raises(ValueError, match="is not the file"):
        write_part("test", tmp_path, tmp_path / "out")


def test_annotations_become_corners_and_places(data_folder: Path) -> None:
    film = read_films(data_folder / "panoramic" / "annotations.json")[0]

    assert film.number == "0001"
    assert CLASSES[film.classes[0]] == "filling"
    np.testing.assert_allclose(film.boxes[0], [277.8, 156.2, 300.3, 201.2], atol=0.01)
