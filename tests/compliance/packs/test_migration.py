"""A new version of a pack: what it changed is shown, and answers move to where they belong."""

from pathlib import Path
from typing import Any

import pytest

from compliance.packs import migration
from compliance.packs.content import Pack
from compliance.packs.migration import Kind
from compliance.packs.reading import PackError, read_pack
from tests.compliance.packs.shelves import contents, question, write

OLD = (
    question("Q-1", "Are images encrypted?"),
    question("Q-2", "Is there a backup, and was it tested?"),
    question("Q-3", "Do you use floppy disks?"),
    question("Q-4", "Is there an owner?"),
    question("Q-5", "Is the door locked?"),
)
NEW = (
    question("Q-1", "Are images encrypted on every disk?"),
    question("Q-2a", "Is there a backup?"),
    question("Q-2b", "Was it tested?"),
    question("Q-40", "Is there an owner?"),
    question("Q-5", "Is the door locked?"),
    question("Q-6", "Does everybody have a second factor?"),
)
CHANGES = {"renamed": {"Q-4": "Q-40"}, "split": {"Q-2": ["Q-2a", "Q-2b"]}, "removed": ["Q-3"]}


def _versions(folder: Path, changes: dict[str, Any] = CHANGES) -> tuple[Pack, Pack]:
    old = write(folder, contents(*OLD))
    new = write(folder, {**contents(*NEW), "changes": changes}, version=2)
    return read_pack(old), read_pack(new)


def test_every_change_is_named_with_the_words_of_both_versions(tmp_path: Path) -> None:
    found = {(change.kind, change.old_id, change.new_ids) for change in migration.changes(*_versions(tmp_path))}

    assert found == {
        (Kind.REWORDED, "Q-1", ("Q-1",)),
        (Kind.SPLIT, "Q-2", ("Q-2a", "Q-2b")),
        (Kind.REMOVED, "Q-3", ()),
        (Kind.RENAMED, "Q-4", ("Q-40",)),
        (Kind.NEW, "", ("Q-6",)),
    }


def test_a_rewording_shows_both_texts(tmp_path: Path) -> None:
    changes = migration.changes(*_versions(tmp_path))
    (reworded,) = [change for change in changes if change.kind is Kind.REWORDED]

    assert (reworded.old_text, reworded.new_texts) == (
        "Are images encrypted?",
        ("Are images encrypted on every disk?",),
    )


def test_answers_move_and_what_is_no_longer_the_same_question_waits_for_a_person(tmp_path: Path) -> None:
    old, new = _versions(tmp_path)
    answers = {"Q-1": "full", "Q-2": "partial", "Q-3": "none", "Q-4": "mostly", "Q-5": "full"}
    moved = migration.migrate(answers, old, new)

    assert moved.answers == {
        "Q-1": "full",
        "Q-2a": "partial",
        "Q-2b": "partial",
        "Q-40": "mostly",
        "Q-5": "full",
    }
    assert moved.to_confirm == {"Q-1": Kind.REWORDED, "Q-2a": Kind.SPLIT, "Q-2b": Kind.SPLIT}
    assert moved.unanswered == ("Q-6",)
    assert moved.dropped == {"Q-3": "none"}


def test_a_question_that_was_renamed_and_reworded_waits_for_a_person(tmp_path: Path) -> None:
    old = read_pack(write(tmp_path, contents(question("Q-1", "Encrypted?"))))
    changed = {**contents(question("Q-9", "Encrypted everywhere?")), "changes": {"renamed": {"Q-1": "Q-9"}}}
    new = read_pack(write(tmp_path, changed, version=2))

    assert migration.migrate({"Q-1": "full"}, old, new).to_confirm == {"Q-9": Kind.REWORDED}


def test_the_same_version_changes_nothing(tmp_path: Path) -> None:
    old, _new = _versions(tmp_path)

    assert migration.changes(old, old) == ()
    assert migration.migrate({"Q-1": "full"}, old, old).answers == {"Q-1": "full"}


def test_a_version_that_does_not_say_what_became_of_an_id_is_refused(tmp_path: Path) -> None:
    old, new = _versions(tmp_path, {"renamed": {"Q-4": "Q-40"}, "removed": ["Q-3"]})

    with pytest.raises(PackError, match=r"version 2 does not say what became of \['Q-2'\]"):
        migration.changes(old, new)


def test_a_version_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    old, new = _versions(tmp_path, {**CHANGES, "renamed": {"Q-4": "Q-41"}})

    with pytest.raises(PackError, match=r"leads to \['Q-41'\], which it does not have"):
        migration.changes(old, new)


def test_two_packs_are_not_versions_of_one_another(tmp_path: Path) -> None:
    old = read_pack(write(tmp_path, contents()))
    other = read_pack(write(tmp_path, contents(), id="other"))

    with pytest.raises(PackError, match="other is no version of small"):
        migration.changes(old, other)
