"""What a manifest must say, and what is refused."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from inference.networks.errors import ManifestError
from inference.networks.manifest import read_manifest
from inference.networks.vocabulary import PANORAMIC_31, VOCABULARY
from tests.factories.onnx_models import manifest


def text(**changes: Any) -> bytes:
    return yaml.safe_dump({**manifest(b"x", b"y"), **changes}).encode()


def test_a_complete_manifest_is_read() -> None:
    said = read_manifest(text())

    assert (said.name, said.version, said.classes) == ("bright-squares", "1.0.0", 1)
    assert said.input.shape == (1, 1, 64, 128)
    assert said.labels[0].coded.scheme == "99BITEWING"


@pytest.mark.req("AI-11")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"training_data": []}, "training_data"),
        ({"known_limits": []}, "known_limits"),
        ({"intended_use": ""}, "intended_use"),
        ({"threshold": 0.5}, "threshold: Extra inputs"),
        ({"version": "1"}, "version"),
        ({"name": "../x"}, "name"),
        ({"file": "../network.onnx"}, "plain name"),
        ({"manifest": 2}, "manifest"),
        ({"sha256": "x"}, "sha256"),
        ({"labels": [{"index": 0, "name": "a", "finding": "no-such"}]}, "not in the vocabulary"),
        ({"labels": [{"index": 0, "name": "a"}]}, "names its finding"),
        (
            {"labels": [{"index": 0, "name": "square", "finding": "crown", "threshold": 0.5, "tag_from": 0.4}]},
            "tag_from",
        ),
        ({"labels": [{"index": 0, "name": n, "finding": "crown"} for n in ("square", "b")]}, "the same index"),
        ({"labels": [{"index": 0, "name": "other", "finding": "crown"}]}, "labels that do not exist"),
        ({"input": {"kinds": ["panoramic"], "size": [8, 8, 8]}}, "three numbers for volume"),
        ({"input": {"kinds": ["panoramic"], "size": [8, 8], "channels": 3}}, "one a channel"),
        ({"input": {"kinds": ["panoramic"], "size": [8, 8], "bounds": [0, 1]}}, "bounds belong"),
        ({"input": {"kinds": ["panoramic"], "size": [8, 8], "std": [0.0]}}, "above 0"),
        ({"input": {"kinds": ["kitten"], "size": [8, 8]}}, "input.kinds"),
        ({"output": {"task": "detection", "layout": "ssd"}}, "output"),
    ],
)
def test_what_is_missing_or_wrong_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ManifestError, match=said):
        read_manifest(text(**changes))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a: &x [1]\nb: *x", "not YAML"),
        (b"[1, 2]", "mapping"),
        (b"a: [", r"line \d"),
        (b"!!python/object/apply:os.system [true]", "not YAML"),
        (b"x" * 300_000, "at most"),
    ],
)
def test_text_that_is_no_manifest_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ManifestError, match=said):
        read_manifest(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_manifest_or_refused(data: bytes) -> None:
    with pytest.raises(ManifestError):
        read_manifest(data)


@pytest.mark.req("AI-04")
def test_the_vocabulary_has_the_thirty_one_classes_and_what_they_lack() -> None:
    assert len(PANORAMIC_31) == 31
    assert {"caries", "periapical_lesion", "bone_loss", "impacted_tooth", "root_piece"} <= VOCABULARY.keys()
    assert {"calculus", "bridge"} <= VOCABULARY.keys() - {entry.key for entry in PANORAMIC_31}
