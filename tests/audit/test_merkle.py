"""The tree against RFC 6962 as written, its published vectors, and a library that others wrote."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InclusionProof, InmemoryTree, verify_consistency, verify_inclusion

from audit import merkle
from tests.audit import reference_tree

# The eight leaves of the tests of Certificate Transparency's own trees, and their roots: hexadecimal.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Kept:
    """A tree in memory that keeps what the database keeps: leaves and the roots of tiles."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self.frontier = merkle.Frontier()
        self.levels: dict[int, list[bytes]] = {0: [], 8: [], 16: []}
        for body in bodies:
            leaf = merkle.leaf_hash(body)
            self.levels[0].append(leaf)
            for node in self.frontier.append(leaf):
                assert node.position == len(self.levels[node.level])
                self.levels[node.level].append(node.root)

    def read(self, level: int, start: int, stop: int) -> list[bytes]:
        found = self.levels[level][start:stop]
        assert len(found) == stop - start
        return found


def bodies(count: int) -> list[bytes]:
    return [f"event {number}".encode() for number in range(count)]


# More than two tiles, and a size that is none of their borders.
LARGE = Kept(bodies(700))
sizes = st.integers(0, 40)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert Kept(LEAVES[:size]).frontier.root().hex() == ROOTS[size - 1]


def test_the_root_of_an_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.Frontier().root() == merkle.tree_root(LARGE.read, 0) == reference_tree.mth([])


@given(st.lists(st.binary(max_size=20), max_size=40))
def test_the_root_is_that_of_the_rfc(leaves: list[bytes]) -> None:
    kept = Kept(leaves)
    assert kept.frontier.root() == merkle.tree_root(kept.read, len(leaves)) == reference_tree.mth(leaves)


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_a_path_of_inclusion_is_that_of_the_rfc(case: tuple[int, int]) -> None:
    size, index = case
    leaves = bodies(size)
    assert merkle.inclusion_proof(Kept(leaves).read, index, size) == reference_tree.path(index, leaves)


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_a_proof_of_consistency_is_that_of_the_rfc(case: tuple[int, int]) -> None:
    size, old = case
    leaves = bodies(size)
    assert merkle.consistency_proof(Kept(leaves).read, old, size) == reference_tree.proof(old, leaves)


@given(st.integers(1, 700).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_a_foreign_library_accepts_our_proofs_of_inclusion(case: tuple[int, int]) -> None:
    size, index = case
    ours = merkle.inclusion_proof(LARGE.read, index, size)
    theirs = FOREIGN.prove_inclusion(index + 1, size)
    built = InclusionProof("sha256", True, size, index + 1, theirs.rule, [LARGE.levels[0][index], *ours])
    verify_inclusion(LARGE.levels[0][index], merkle.tree_root(LARGE.read, size), built, index=index + 1, size=size)


@given(st.integers(1, 700).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_a_foreign_library_proves_that_our_roots_are_of_one_growing_tree(case: tuple[int, int]) -> None:
    # Its own proofs of consistency are cut otherwise than in the RFC, so that ours are compared with the RFC above.
    size, old = case
    before, after = merkle.tree_root(LARGE.read, old), merkle.tree_root(LARGE.read, size)
    verify_consistency(before, after, FOREIGN.prove_consistency(old, size), prior_size=old, later_size=size)


@given(sizes)
def test_a_frontier_comes_back_from_its_bytes(size: int) -> None:
    frontier = Kept(bodies(size)).frontier
    assert merkle.Frontier.unpack(size, frontier.pack()) == frontier


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves has 2 roots, not 1"):
        merkle.Frontier.unpack(3, bytes(32))


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_path(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_ranges(index, 3)


def test_a_tree_does_not_shrink() -> None:
    with pytest.raises(ValueError, match="does not grow"):
        merkle.consistency_ranges(4, 3)


def test_a_proof_in_a_large_tree_reads_few_hashes() -> None:
    asked: list[int] = []

    def read(level: int, start: int, stop: int) -> list[bytes]:
        asked.append(stop - start)
        return [bytes(32)] * (stop - start)

    merkle.inclusion_proof(read, 123_456, 1_000_000)
    assert sum(asked) < 1500


FOREIGN = InmemoryTree(algorithm="sha256")
for _body in bodies(700):
    FOREIGN.append_entry(_body)
