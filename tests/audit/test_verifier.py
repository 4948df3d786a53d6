"""The stand-alone verifier: its own cryptography, and any change of any log."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit import merkle, verify_audit
from audit.notes import TreeHead, checkpoint, leaf_message
from audit.signing import Signer, SigningKey
from audit.verify_audit import Checkpoint, Key, LogCheck, Result, Row
from tests.audit import reference_tree

pytestmark = pytest.mark.req("X-02")
SIGNER = Signer(SigningKey("example.org/audit/0199", bytes(range(32))))
KEY = Key(SIGNER.verifier_key)

# --- Ed25519 ----------------------------------------------------------------------------------------------------------

# RFC 8032 7.1: public key, message, both halves of the signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac",
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "commitment", "factor"), VECTORS)
def test_the_vectors_of_the_rfc_verify_without_any_library(
    public: str, message: str, commitment: str, factor: str
) -> None:
    parts = (bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(commitment + factor))
    assert verify_audit._verifies_slowly(*parts)
    assert not verify_audit._verifies_slowly(parts[0], parts[1] + b"x", parts[2])


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 511))
def test_the_slow_way_says_what_the_library_says(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    changed = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
    assert verify_audit._verifies_slowly(public, message, signature)
    assert not verify_audit._verifies_slowly(public, message, changed)


def test_a_key_whose_id_does_not_fit_is_refused() -> None:
    name, _, encoded = SIGNER.verifier_key.split("+", 2)
    with pytest.raises(verify_audit.UnreadableError):
        Key(f"{name}+00000000+{encoded}")


# --- proofs -----------------------------------------------------------------------------------------------------------


def bodies(count: int) -> list[bytes]:
    return [f"event {number}".encode() for number in range(count)]


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))), st.data())
def test_a_path_leads_to_the_root_and_no_other_path_does(case: tuple[int, int], data: st.DataObject) -> None:
    size, index = case
    leaves = bodies(size)
    path, leaf = reference_tree.path(index, leaves), verify_audit.leaf_hash(leaves[index])
    root = reference_tree.mth(leaves)
    assert verify_audit.root_by_inclusion(leaf, index, size, path) == root
    assert verify_audit.root_by_inclusion(leaf, index, size, [*path, root]) is None
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert verify_audit.root_by_inclusion(leaf, index, size, path[:at] + path[at + 1 :]) != root
        assert verify_audit.root_by_inclusion(leaf, index, size, [*path[:at], bytes(32), *path[at + 1 :]]) != root


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))), st.data())
def test_a_proof_of_consistency_holds_for_its_trees_only(case: tuple[int, int], data: st.DataObject) -> None:
    size, old = case
    leaves = bodies(size)
    before, after, path = (
        reference_tree.mth(leaves[:old]),
        reference_tree.mth(leaves),
        reference_tree.proof(old, leaves),
    )
    assert verify_audit.is_consistent(old, before, size, after, path)
    assert not verify_audit.is_consistent(old, bytes(32), size, after, path)
    assert not verify_audit.is_consistent(old, before, size, bytes(32), path)
    assert not verify_audit.is_consistent(old, before, size, after, [*path, after])
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not verify_audit.is_consistent(old, before, size, after, path[:at] + path[at + 1 :])


# --- any change of any log --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What the owner of the database can move about: a body and the signature that came with it."""

    event: str
    body: bytes
    signature: bytes


def line(index: int, event: str, *, signed: bool = True) -> Line:
    body = json.dumps({"id": event, "tenant": "0199", "action": "x.done", "producer": "p", "seq": index + 1}).encode()
    message = leaf_message(SIGNER.name, index, merkle.leaf_hash(body))
    return Line(event, body, SIGNER.sign(message) if signed else bytes(64))


def head_of(lines: list[Line]) -> Checkpoint:
    frontier = merkle.Frontier()
    for each in lines:
        frontier.append(merkle.leaf_hash(each.body))
    return Checkpoint(checkpoint(SIGNER, TreeHead(SIGNER.name, len(lines), frontier.root())))


def check(lines: list[Line], checkpoints: list[Checkpoint]) -> Result:
    """Verify lines whose indexes and hashes were made to fit."""

    def rows(start: int) -> Iterator[Row]:
        for index, each in enumerate(lines[start:], start):
            yield Row(index, each.event, each.body, merkle.leaf_hash(each.body), each.signature)

    return LogCheck(KEY, rows, checkpoints).run()


LOG = [line(index, f"e{index}") for index in range(30)]
CHANGES = st.sampled_from(["edit", "delete", "insert", "swap", "truncate", "repeat"])


@given(st.lists(st.tuples(CHANGES, st.integers(0, 29), st.integers(0, 29)), min_size=1, max_size=4), st.integers(1, 30))
def test_the_first_line_that_differs_is_named(changes: list[tuple[str, int, int]], kept: int) -> None:
    changed = list(LOG)
    for what, one, other in changes:
        changed = apply(changed, what, one % max(len(changed), 1), other % max(len(changed), 1))
    differs = [index for index, (old, new) in enumerate(zip(LOG, changed, strict=False)) if old != new]
    result = check(changed, [head_of(LOG[:kept])])
    # What was cut off behind the checkpoint is not seen: nothing there was signed as a whole.
    is_seen = bool(differs) or len(changed) < kept or len(changed) > len(LOG)
    first = min([*differs, len(changed), len(LOG)])
    assert (result.holds, result.bad_index) == ((False, first) if is_seen else (True, None))


def apply(lines: list[Line], what: str, one: int, other: int) -> list[Line]:
    """Do one thing to a log, as somebody without the key can."""
    if what == "truncate" or not lines:
        return lines[:one]
    if what == "edit":
        return [*lines[:one], Line(lines[one].event, lines[one].body + b" ", lines[one].signature), *lines[one + 1 :]]
    if what == "delete":
        return [*lines[:one], *lines[one + 1 :]]
    if what == "insert":
        return [*lines[:one], line(one, f"new{other}", signed=False), *lines[one:]]
    if what == "repeat":
        return [*lines[:one], lines[other], *lines[one:]]
    swapped = list(lines)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return swapped


@pytest.mark.parametrize("sizes", [[30], [10, 20], [1, 2, 30], []])
def test_a_log_that_nobody_touched_holds(sizes: list[int]) -> None:
    result = check(LOG, [head_of(LOG[:size]) for size in sizes])
    assert (result.holds, result.size, result.gaps) == (True, 30, [])


def test_a_checkpoint_by_another_key_is_not_taken() -> None:
    other = Signer(SigningKey(SIGNER.name, bytes(32)))
    note = checkpoint(other, TreeHead(SIGNER.name, 30, bytes(32)))
    assert check(LOG, [Checkpoint(note)]).reason == f"the checkpoint of size 30 is not signed by {SIGNER.name}"


def test_a_number_without_an_event_is_a_gap() -> None:
    lines = [line(0, "a"), line(1, "b")]
    body = lines[1].body.replace(b'"seq": 2', b'"seq": 5')
    signature = SIGNER.sign(leaf_message(SIGNER.name, 1, merkle.leaf_hash(body)))
    assert check([lines[0], Line("b", body, signature)], []).gaps == [("p", 2), ("p", 3), ("p", 4)]


def test_a_line_of_another_tenant_does_not_belong_here() -> None:
    body = LOG[0].body.replace(b"0199", b"0200")
    signature = SIGNER.sign(leaf_message(SIGNER.name, 0, merkle.leaf_hash(body)))
    assert check([Line("e0", body, signature)], []).reason == "this line belongs to another tenant"


# --- signed documents -------------------------------------------------------------------------------------------------


def test_a_signed_document_holds_and_a_changed_one_does_not() -> None:
    document = {"study": "x", "destroyed": ["ä", 1]}
    value = SIGNER.sign(verify_audit.canonical(document))
    held = {
        "document": document,
        "signature": {"key": SIGNER.verifier_key, "value": base64.b64encode(value).decode()},
    }
    verify_audit.check_document(held, KEY)
    with pytest.raises(verify_audit.WrongError):
        verify_audit.check_document({**held, "document": {**document, "study": "y"}}, KEY)
