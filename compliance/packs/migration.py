"""From one version of a pack to another: what changed, and where answers given to the old questions belong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from compliance.packs.content import Pack
from compliance.packs.reading import PackError

T = TypeVar("T")


class Kind(StrEnum):
    """What became of a question or a provision."""

    NEW = "new"
    RENAMED = "renamed"
    REWORDED = "reworded"
    SPLIT = "split"
    REMOVED = "removed"


# An answer to what was only renamed is still the answer; everything else a person looks at again.
ASK_AGAIN = frozenset({Kind.REWORDED, Kind.SPLIT})


@dataclass(frozen=True, slots=True)
class Change:
    """One change, with the words of both versions."""

    kind: Kind
    old_id: str
    new_ids: tuple[str, ...]
    old_text: str
    new_texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Migration(Generic[T]):
    """Answers under the ids of the new version; `to_confirm` says which a person must look at, and why."""

    answers: dict[str, T]
    to_confirm: dict[str, Kind]
    unanswered: tuple[str, ...]
    dropped: dict[str, T]


def changes(old: Pack, new: Pack) -> tuple[Change, ...]:
    """List what the new version changed, question by question and provision by provision.

    Raises
    ------
    PackError
        If an id vanished, or appeared in the list of changes, without the new version saying so.
    """
    if old.id != new.id:
        raise PackError(f"{new.id} is no version of {old.id}")
    before, after = _texts(old), _texts(new)
    targets = {**{one: (other,) for one, other in new.changed.renamed.items()}, **new.changed.split}
    _check(before, after, targets, new)
    found = [_moved(old_id, ids, before, after) for old_id, ids in targets.items() if old_id in before]
    found += [Change(Kind.REMOVED, one, (), before[one], ()) for one in new.changed.removed if one in before]
    moved = {one for change in found for one in change.new_ids}
    for one, text in after.items():
        if one in moved:
            continue
        if one not in before:
            found.append(Change(Kind.NEW, "", (one,), "", (text,)))
        elif before[one] != text:
            found.append(Change(Kind.REWORDED, one, (one,), before[one], (text,)))
    return tuple(found)


def _moved(old_id: str, new_ids: tuple[str, ...], before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    texts = tuple(after[one] for one in new_ids)
    kind = Kind.SPLIT if len(new_ids) > 1 else Kind.RENAMED if texts == (before[old_id],) else Kind.REWORDED
    return Change(kind, old_id, new_ids, before[old_id], texts)


def _texts(pack: Pack) -> dict[str, str]:
    return {**{item.id: item.text for item in pack.items}, **{one.id: one.text for one in pack.questions}}


def _check(
    before: Mapping[str, str], after: Mapping[str, str], targets: Mapping[str, tuple[str, ...]], new: Pack
) -> None:
    unexplained = set(before) - set(after) - set(targets) - set(new.changed.removed)
    if unexplained:
        raise PackError(f"{new.id}, version {new.version} does not say what became of {sorted(unexplained)}")
    nowhere = {one for ids in targets.values() for one in ids} - set(after)
    if nowhere:
        raise PackError(f"{new.id}, version {new.version} leads to {sorted(nowhere)}, which it does not have")


def migrate(answers: Mapping[str, T], old: Pack, new: Pack) -> Migration[T]:
    """Carry answers, by the ids of the questions, from one version to the other, in either several steps or one.

    A question that was split takes the answer along to each of its parts, to be confirmed; one that merely got another
    id keeps it. Nothing is lost silently: what has no place any more is in `dropped`.
    """
    asked = {question.id for question in new.questions}
    carried: dict[str, T] = {}
    to_confirm: dict[str, Kind] = {}
    by_old = {change.old_id: change for change in changes(old, new) if change.old_id}
    for old_id, answer in answers.items():
        for new_id, kind in _places(old_id, by_old, asked):
            carried[new_id] = answer
            if kind in ASK_AGAIN:
                to_confirm[new_id] = kind
    placed = {old_id for old_id in answers if any(_places(old_id, by_old, asked))}
    return Migration(
        answers=carried,
        to_confirm=to_confirm,
        unanswered=tuple(question.id for question in new.questions if question.id not in carried),
        dropped={old_id: answer for old_id, answer in answers.items() if old_id not in placed},
    )


def _places(old_id: str, by_old: Mapping[str, Change], asked: set[str]) -> Iterator[tuple[str, Kind | None]]:
    change = by_old.get(old_id)
    for new_id in change.new_ids if change else (old_id,):
        if new_id in asked:
            yield new_id, change.kind if change else None
