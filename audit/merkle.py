"""The Merkle tree of RFC 6962, part 2.1: hashes, growth, and the two kinds of proof. Pure: no Django, no storage.

Of a tree only the leaves are kept, and of its inner nodes every eighth level (the roots of tiles, as in
c2sp.org/tlog-tiles): a proof in a tree of a million leaves reads a few hundred hashes.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Final, NamedTuple

HASH_SIZE: Final = 32
TILE_HEIGHT: Final = 8
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

# Gives the hashes [start, stop) of a level, which is a multiple of `TILE_HEIGHT`.
Reader = Callable[[int, int, int], Sequence[bytes]]
Range = tuple[int, int]


class Node(NamedTuple):
    """An inner node that is kept: the root of a complete tile."""

    level: int
    position: int
    root: bytes


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || body)."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """What a tree needs in order to grow: the roots of the perfect subtrees that it consists of.

    Attributes
    ----------
    size
        Number of leaves.
    roots
        One root for each bit that is set in `size`, of the largest subtree first.
    """

    size: int = 0
    roots: list[bytes] = field(default_factory=list)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Frontier":
        """Read what `pack` wrote.

        Raises
        ------
        ValueError
            If there are not as many roots as a tree of this size has.
        """
        if len(packed) != HASH_SIZE * size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} roots, not {len(packed) / HASH_SIZE:g}")
        return cls(size, [packed[at : at + HASH_SIZE] for at in range(0, len(packed), HASH_SIZE)])

    def pack(self) -> bytes:
        """Return the roots as one string of bytes."""
        return b"".join(self.roots)

    def append(self, leaf: bytes) -> list[Node]:
        """Add the hash of a leaf, and return the roots of the tiles that it completes."""
        completed = []
        found, level, count = leaf, 0, self.size + 1
        while count % 2 == 0:
            found = node_hash(self.roots.pop(), found)
            level, count = level + 1, count // 2
            if level % TILE_HEIGHT == 0:
                completed.append(Node(level, count - 1, found))
        self.roots.append(found)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root of the whole tree (MTH of RFC 6962 2.1)."""
        return _folded(self.roots) if self.roots else EMPTY_ROOT


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges of leaves whose roots are the audit path of a leaf (RFC 6962 2.1.1), its sibling first.

    Raises
    ------
    ValueError
        If the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    start, stop, found = 0, size, []
    while stop - start > 1:
        middle = start + _half(stop - start)
        if index < middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return the ranges of leaves whose roots prove that a tree grew from one size to another (RFC 6962 2.1.2).

    Raises
    ------
    ValueError
        If the tree shrank.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree does not grow from {old} to {new} leaves")
    if old in (0, new):
        return []
    start, stop, found = 0, new, []
    while old != stop:
        middle = start + _half(stop - start)
        if old <= middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    if start:
        found.append((start, stop))
    return found[::-1]


def inclusion_proof(read: Reader, index: int, size: int) -> list[bytes]:
    """Return the audit path of a leaf in the tree of the first `size` leaves."""
    return [range_root(read, *each) for each in inclusion_ranges(index, size)]


def consistency_proof(read: Reader, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `new` leaves begins with that of `old`."""
    return [range_root(read, *each) for each in consistency_ranges(old, new)]


def tree_root(read: Reader, size: int) -> bytes:
    """Return the root of the first `size` leaves."""
    return range_root(read, 0, size) if size else EMPTY_ROOT


def range_root(read: Reader, start: int, stop: int) -> bytes:
    """Return the root over the leaves [start, stop), a range as the functions above name them."""
    return _folded([_perfect_root(read, level, index) for level, index in _perfect(start, stop)])


def _perfect(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Cut a range into perfect subtrees (level, index), the largest first."""
    while start < stop:
        level = (stop - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _perfect_root(read: Reader, level: int, index: int) -> bytes:
    """Fold the kept hashes below a perfect subtree, at most half a tile."""
    above = level % TILE_HEIGHT
    hashes = list(read(level - above, index << above, (index + 1) << above))
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def _folded(roots: Sequence[bytes]) -> bytes:
    """Join the roots of neighbouring subtrees, the smallest first."""
    return reduce(lambda right, left: node_hash(left, right), reversed(roots))


def _half(width: int) -> int:
    """Return the largest power of two below a width of at least two."""
    return 1 << ((width - 1).bit_length() - 1)
