"""A pack is a folder of data: one for another country needs no code, a wrong one is refused with its place."""

from pathlib import Path

import pytest

from compliance.packs import integrity, library
from compliance.packs.content import Status
from compliance.packs.library import Catalogue
from compliance.packs.reading import PackError, read_pack
from tests.compliance.packs.shelves import contents, question, write


def test_a_pack_of_another_country_is_read_from_a_folder(tmp_path: Path) -> None:
    write(tmp_path, contents(question("Q-S1-01", "Are images encrypted?")))
    pack = library.read_named(tmp_path, "small", 1)
    book = Catalogue((pack,))

    assert pack.status is Status.IN_FORCE
    assert pack.jurisdiction == "GB"
    assert integrity.problems(book) == []
    assert [item.title for item in book.items_of(book.questions["Q-S1-01"])] == ["Encryption"]


def test_a_shelf_knows_its_packs_and_their_versions(tmp_path: Path) -> None:
    write(tmp_path, contents())
    write(tmp_path, contents(), version=2)
    write(tmp_path, contents(), id="other")

    assert library.list_versions(tmp_path) == {"other": (1,), "small": (1, 2)}


def test_a_pack_that_calls_itself_something_else_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, contents(), version=2)
    folder.rename(folder.parent / "3")

    with pytest.raises(PackError, match="small/3 calls itself small, version 2"):
        library.read_named(tmp_path, "small", 3)


def test_an_unknown_key_is_refused_with_its_row(tmp_path: Path) -> None:
    folder = write(tmp_path, contents(question("Q-S1-01", "Encrypted?", weight=3)))

    with pytest.raises(PackError, match=r"small/1: .*Q-S1-01: unknown \['weight'\]"):
        read_pack(folder)


def test_a_missing_key_is_refused_with_its_row(tmp_path: Path) -> None:
    wrong = question("Q-S1-01", "Encrypted?")
    del wrong["scale"]
    folder = write(tmp_path, contents(wrong))

    with pytest.raises(PackError, match=r"questions.yaml, questions, Q-S1-01: 'scale' is missing"):
        read_pack(folder)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, contents())
    (folder / "references.yaml").write_text("csf: [A]\ncsf: [B]\n")

    with pytest.raises(PackError, match=r"references.yaml: .*\['csf'\] twice"):
        read_pack(folder)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"section": "S9"}, "Q-S1-01: there is no section S9"),
        ({"cites": ["Article 99"]}, "Q-S1-01: there is no citation Article 99"),
        ({"scale": "odd"}, "Q-S1-01: there is no scale odd"),
        ({"ask_role": "nurse"}, "Q-S1-01: there is no role nurse"),
        ({"concerns": ["AT-X"]}, "Q-S1-01: there is no thing AT-X"),
        ({"evidence": {"probes": ["P-X"]}}, "Q-S1-01: there is no probe P-X"),
        ({"evidence": {}}, "Q-S1-01: nothing could prove the answer"),
        ({"crosswalk": {"csf20": ["GV.XX-99"]}}, "Q-S1-01: csf20 has no GV.XX-99"),
    ],
)
def test_a_reference_to_nothing_is_found(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    folder = write(tmp_path, contents(question("Q-S1-01", "Encrypted?", **change)))

    assert integrity.problems(Catalogue((read_pack(folder),))) == [problem]


def test_a_rating_beyond_the_scale_is_found(tmp_path: Path) -> None:
    risk = {"threat": "T-1", "vulnerability": "V-1", "likelihood": 6, "impact": 3, "statement": "Loss."}
    folder = write(tmp_path, contents(question("Q-S1-01", "Encrypted?", risks=[risk])))

    (problem,) = integrity.problems(Catalogue((read_pack(folder),)))
    assert problem.startswith("Q-S1-01: Statement(")


def test_a_phrase_that_must_not_be_said_is_found(tmp_path: Path) -> None:
    folder = write(
        tmp_path, contents(question("Q-S1-01", "Are you HIPAA Certified?")), forbidden_phrases=["HIPAA certified"]
    )

    assert integrity.problems(Catalogue((read_pack(folder),))) == ["small says 'HIPAA certified'"]


def test_a_proposed_pack_that_passes_for_law_is_found(tmp_path: Path) -> None:
    folder = write(tmp_path, contents(), status="proposed")

    assert integrity.problems(Catalogue((read_pack(folder),))) == [
        "GDPR-32-1a: a proposed item must say so, and cites no law"
    ]
