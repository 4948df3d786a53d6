"""Answers in parts: nothing goes out before it is known that the first part can be made."""

from collections.abc import Callable, Iterator

import pytest

from pacs.dicomweb import parts
from pacs.dicomweb.parts import OutgoingPart


@pytest.mark.parametrize("write", [parts.write, parts.write_one_by_one])
def test_an_answer_whose_first_part_cannot_be_made_has_not_begun(write: Callable[..., Iterator[bytes]]) -> None:
    unreadable = map(bytes.fromhex, ["no number"])

    body = write([OutgoingPart("application/octet-stream", 1, unreadable)], b"x")

    with pytest.raises(ValueError, match="non-hexadecimal"):
        next(body)


@pytest.mark.parametrize("blocks", [[], [b"one"], [b"one", b"two"]])
def test_what_stands_around_a_part_is_the_same_either_way(blocks: list[bytes]) -> None:
    outgoing = [OutgoingPart("text/plain", sum(map(len, blocks)), blocks) for _ in range(2)]

    body = b"".join(parts.write(outgoing, b"x"))

    assert body == b"".join(parts.write_one_by_one(outgoing, b"x"))
    assert len(body) == parts.size_of(outgoing, b"x")


def test_nothing_around_nothing_is_nothing() -> None:
    assert list(parts.around([], b"", b"")) == []
