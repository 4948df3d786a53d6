"""Verify an audit log of Bitewing, or one line of it. One file, Python 3.10 or later, nothing else is needed.

    python verify_audit.py audit-log.zip [--key KEY] [--checkpoint FILE ...] [--strict]
    python verify_audit.py line.tlog-proof [--key KEY]
    python verify_audit.py pushed.json [--key KEY]          a checkpoint as it was pushed, with its proof of consistency
    python verify_audit.py certificate.json [--key KEY]     a signed JSON document, of a destruction for one

KEY is the key of the log, `name+id+base64`. Keep the one that the practice gave you: without --key the key that the
file itself names is used, and whoever made the whole file anew could have put his own there. FILE is a checkpoint that
was kept elsewhere: the log must still contain it.

Exit status: 0 everything holds, 1 something does not (the first bad index is named), 2 the file cannot be read.

Formats: RFC 6962 (tree and proofs), RFC 8032 (Ed25519), c2sp.org/signed-note, tlog-checkpoint, tlog-proof.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

try:  # Only faster: what follows does the same.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None  # type: ignore[assignment,misc]  # then the slow way

PROOF_KIND = "c2sp.org/tlog-proof@v1"
LEAF_KIND = "bitewing-leaf/v1"
CERTIFICATE_KIND = "bitewing-destruction-certificate/v1"
EVENTS, CHECKPOINTS, KEY = "events.jsonl", "checkpoints.jsonl", "key.txt"


class UnreadableError(Exception):
    """A file is not what it should be."""


class WrongError(Exception):
    """Something does not hold."""


# --- Ed25519, RFC 8032 5.1 --------------------------------------------------------------------------------------------

Point = tuple[int, int, int, int]
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _add(one: Point, other: Point) -> Point:
    """Add two points (X, Y, Z, T), RFC 8032 5.1.4."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(factor: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = _add(result, point)
        point = _add(point, point)
        factor >>= 1
    return result


def _point(encoded: bytes) -> Point | None:
    """Decode a point, RFC 8032 5.1.3; None where there is none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


_BASE: Any = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))


def _verifies_slowly(public: bytes, message: bytes, signature: bytes) -> bool:
    """Verify as RFC 8032 5.1.7 says."""
    key, commitment = _point(public), _point(signature[:32])
    factor = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or factor >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    left, right = _multiply(factor, _BASE), _add(commitment, _multiply(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a signature of 64 bytes is that of a message by a public key of 32 bytes."""
    if len(public) != 32 or len(signature) != 64:
        return False
    if Ed25519PublicKey is None:
        return _verifies_slowly(public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- keys and signed notes, c2sp.org/signed-note ----------------------------------------------------------------------


def decoded(text: str) -> bytes:
    """Return the bytes of a base64 text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise UnreadableError("something that should be base64 is not") from None


class Key:
    """The key of a log: its name, which is also the origin of the log, and the public key."""

    def __init__(self, text: str) -> None:
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise UnreadableError("a key looks like name+id+base64")
        self.text, self.name = text.strip(), parts[0]
        data = decoded(parts[2])
        self.id = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4]
        if len(data) != 33 or data[0] != 1 or self.id.hex() != parts[1]:
            raise UnreadableError("the key is damaged, or not of the kind Ed25519")
        self.public = data[1:]

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature."""
        return verifies(self.public, message, signature)


class Checkpoint:
    """What a log had grown to: origin, size, root, signed."""

    def __init__(self, note: str) -> None:
        self.note = note
        text, _, signatures = note.rpartition("\n\n")
        self.text, lines = text + "\n", text.split("\n")
        if len(lines) < 3 or not lines[1].isdigit():
            raise UnreadableError("this is no checkpoint")
        self.origin, self.size, self.root = lines[0], int(lines[1]), decoded(lines[2])
        self.signatures = [line.split(" ") for line in signatures.split("\n") if line.startswith("\u2014 ")]

    def require_signed(self, key: Key) -> None:
        """Raise unless the key signed it for its own log."""
        if self.origin != key.name:
            raise WrongError(f"the checkpoint is of the log {self.origin}, not of {key.name}")
        for line in self.signatures:
            data = decoded(line[2]) if len(line) == 3 and line[1] == key.name else b""
            if data[:4] == key.id and key.signed(self.text.encode(), data[4:]):
                return
        raise WrongError(f"the checkpoint of size {self.size} is not signed by {key.name}")


# --- the tree, RFC 6962 2.1 -------------------------------------------------------------------------------------------


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows; only the roots of its perfect subtrees are kept."""

    def __init__(self) -> None:
        self.size = 0
        self.roots: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf."""
        self.size += 1
        count = self.size
        while count % 2 == 0:
            leaf, count = node_hash(self.roots.pop(), leaf), count // 2
        self.roots.append(leaf)

    def root(self) -> bytes:
        """Return the root of all leaves."""
        if not self.roots:
            return hashlib.sha256().digest()
        found = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            found = node_hash(left, found)
        return found


def _half(size: int) -> int:
    """Return the largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)


def root_by_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root to which a path of inclusion leads (RFC 6962 2.1.1), or None if it has the wrong length."""
    steps = list(path)
    try:
        root = _with_siblings(leaf, index, size, steps) if 0 <= index < size else None
    except IndexError:
        return None
    return None if steps else root


def _with_siblings(leaf: bytes, index: int, size: int, steps: list[bytes]) -> bytes:
    if size == 1:
        return leaf
    half = _half(size)
    if index < half:
        left = _with_siblings(leaf, index, half, steps)
        return node_hash(left, steps.pop(0))
    right = _with_siblings(leaf, index - half, size - half, steps)
    return node_hash(steps.pop(0), right)


def is_consistent(old_size: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> bool:
    """Say whether a proof shows that a tree is the beginning of another (RFC 6962 2.1.2)."""
    if old_size == 0:
        return not path
    if old_size > size:
        return False
    steps = list(path)
    try:
        found = _before_and_after(old_size, size, steps, old_root)
    except IndexError:
        return False
    return not steps and found == (old_root, root)


def _before_and_after(old_size: int, size: int, steps: list[bytes], whole: bytes | None) -> tuple[bytes, bytes]:
    """Return the roots of the old and the new tree; `whole` is the old root while all of it lies below."""
    if old_size == size:
        known = whole if whole is not None else steps.pop(0)
        return known, known
    half = _half(size)
    if old_size <= half:
        before, after = _before_and_after(old_size, half, steps, whole)
        return before, node_hash(after, steps.pop(0))
    before, after = _before_and_after(old_size - half, size - half, steps, None)
    left = steps.pop(0)
    return node_hash(left, before), node_hash(left, after)


# --- a whole log ------------------------------------------------------------------------------------------------------


class Row:
    """One line of the log: the index it claims, the exact bytes of its body, hash and signature of its leaf."""

    __slots__ = ("body", "event", "index", "leaf", "signature")

    def __init__(self, index: int, event: str, body: bytes, leaf: bytes, signature: bytes) -> None:
        self.index, self.event, self.body, self.leaf, self.signature = index, event, body, leaf, signature


class Producers:
    """Which numbers of each process have an event: one that lacks was rolled back, and said so, or was removed."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._missing: dict[str, set[int]] = {}
        self._void: dict[str, set[int]] = {}

    def see(self, body: dict[str, Any]) -> None:
        """Take the number of one event."""
        producer, number = body.get("producer"), body.get("seq")
        if body.get("action") == "log.numbers-void":
            detail = body["detail"]
            self._void.setdefault(detail.get("producer_of"), set()).update(map(int, detail.get("numbers", ())))
        if producer is None or not isinstance(number, int):
            return
        last, missing = self._last.get(producer, 0), self._missing.setdefault(producer, set())
        if number > last:
            missing.update(range(last + 1, number))
            self._last[producer] = number
        else:
            missing.discard(number)

    def gaps(self) -> list[tuple[str, int]]:
        """List producer and number of what lacks."""
        found: list[tuple[str, int]] = []
        for producer, missing in self._missing.items():
            found += [(producer, number) for number in sorted(missing - self._void.get(producer, set()))]
        return found


class Result:
    """What the verification of a log found."""

    def __init__(self) -> None:
        self.size = self.checkpoints = self.covered = 0
        self.bad_index: int | None = None
        self.reason = ""
        self.gaps: list[tuple[str, int]] = []

    @property
    def holds(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.reason


class LogCheck:
    """Verifies a log.

    `rows(start)` gives the lines from an index on, in their order; it is asked a second time to find the first bad one.
    """

    def __init__(self, key: Key, rows: Callable[[int], Iterator[Row]], checkpoints: list[Checkpoint]) -> None:
        self.key, self._rows = key, rows
        self._tenant = key.name.rpartition("/audit/")[2]
        self._checkpoints = sorted(checkpoints, key=lambda each: each.size)
        self._result, self._tree, self._good = Result(), Tree(), 0
        self._producers = Producers()

    def run(self) -> Result:
        """Return what was found."""
        result = self._result
        try:
            for checkpoint in self._checkpoints:
                checkpoint.require_signed(self.key)
            self._walk()
        except WrongError as error:
            result.reason = str(error)
        result.size, result.covered, result.gaps = self._tree.size, self._good, self._producers.gaps()
        return result

    def _walk(self) -> None:
        waiting = list(self._checkpoints)
        self._compare(waiting)
        for row in self._rows(0):
            if problem := self._problem(row):
                self._fail(self._tree.size, problem)
            self._tree.append(row.leaf)
            self._compare(waiting)
        if waiting:
            self._fail(
                self._tree.size, f"the log ends here; a signed checkpoint says that it has {waiting[-1].size} lines"
            )
        found = self._first_unsigned(self._good, self._tree.size)
        if found is not None:
            self._fail(found, "the signature of this line is not that of the log")

    def _compare(self, waiting: list[Checkpoint]) -> None:
        while waiting and waiting[0].size == self._tree.size:
            if waiting[0].root != self._tree.root():
                self._fail(
                    self._good,
                    f"from here on the lines are not those of the signed checkpoint of size {waiting[0].size}",
                )
            self._good = waiting.pop(0).size
            self._result.checkpoints += 1

    def _problem(self, row: Row) -> str:
        if row.index != self._tree.size:
            return f"this line is missing, line {row.index} follows"
        if leaf_hash(row.body) != row.leaf:
            return "the body of this line was changed or removed: it does not have the hash of its leaf"
        try:
            body = json.loads(row.body)
            self._producers.see(body)
        except (ValueError, KeyError, TypeError, AttributeError):
            return "the body of this line is not an event"
        if body.get("id") != row.event:
            return "the body of this line belongs to another event"
        if self._tenant not in ("deployment", body.get("tenant")):
            return "this line belongs to another tenant"
        return ""

    def _fail(self, index: int, reason: str) -> None:
        """Say what is wrong first: an earlier line may bear a signature that does not hold."""
        earlier = self._first_unsigned(self._good, self._tree.size + 1)
        if earlier is not None and (earlier < index or index == self._good):
            index, reason = earlier, "this line is not the one that was signed for this place"
        self._result.bad_index = index
        raise WrongError(reason)

    def _first_unsigned(self, start: int, stop: int) -> int | None:
        """Return the first index whose leaf is not signed for its place."""
        for index, row in zip(range(start, stop), self._rows(start), strict=False):
            message = f"{LEAF_KIND}\n{self.key.name}\n{index}\n{base64.b64encode(row.leaf).decode()}\n"
            if row.index != index or not self.key.signed(message.encode(), row.signature):
                return index
        return None


# --- files ------------------------------------------------------------------------------------------------------------


class Export:
    """An export: a ZIP file or the folder that it unpacks to."""

    def __init__(self, path: Path) -> None:
        self._place = path if path.is_dir() else zipfile.ZipFile(path)

    def _open(self, name: str) -> TextIO:
        if isinstance(self._place, Path):
            return (self._place / name).open(encoding="utf-8")
        return io.TextIOWrapper(self._place.open(name), encoding="utf-8")

    def key(self) -> Key:
        """Return the key that the export names."""
        with self._open(KEY) as file:
            return Key(file.read())

    def checkpoints(self) -> list[Checkpoint]:
        """Return the checkpoints of the export."""
        with self._open(CHECKPOINTS) as file:
            return [Checkpoint(json.loads(line)["checkpoint"]) for line in file]

    def rows(self, start: int) -> Iterator[Row]:
        """Yield the lines from an index on."""
        with self._open(EVENTS) as file:
            for line in file:
                row = row_of(line)
                if row.index >= start:
                    yield row


def row_of(line: str) -> Row:
    """Return the row that a line of `events.jsonl` holds."""
    try:
        held = json.loads(line)
        body = held["body"].encode()
        return Row(held["index"], held["event"], body, decoded(held["leaf"]), decoded(held["signature"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableError("a line of the log cannot be read") from None


class Proof:
    """A proof that one line is in a log (c2sp.org/tlog-proof)."""

    def __init__(self, text: str) -> None:
        head, _, self.note = text.partition("\n\n")
        lines = head.split("\n")
        if len(lines) < 3 or lines[0] != PROOF_KIND or not lines[1].startswith("extra ") or lines[2][:6] != "index ":
            raise UnreadableError("this is no proof of a line")
        extra = json.loads(decoded(lines[1][6:]))
        self.key, self.body = Key(extra["key"]), extra["body"]
        self.index, self.path = int(lines[2][6:]), [decoded(line) for line in lines[3:]]

    def require(self, key: Key) -> Checkpoint:
        """Raise unless the line is in the log of the key."""
        checkpoint = Checkpoint(self.note)
        checkpoint.require_signed(key)
        if root_by_inclusion(leaf_hash(self.body.encode()), self.index, checkpoint.size, self.path) != checkpoint.root:
            raise WrongError(f"index {self.index}: the path does not lead from this line to the signed root")
        return checkpoint


def canonical(document: object) -> bytes:
    """Return the bytes that are signed of a JSON document: keys sorted, no spaces, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_document(held: dict[str, Any], key: Key) -> None:
    """Raise unless a JSON document is signed by the key."""
    if not key.signed(canonical(held["document"]), decoded(held["signature"]["value"])):
        raise WrongError("the document was changed, or signed by another key")


def check_certificate(document: dict[str, Any], key: Key) -> Checkpoint:
    """Raise unless the log says what a certificate of destruction says: which study, which key, which objects."""
    proof = Proof(document["audit_proof"])
    checkpoint = proof.require(key)
    event = json.loads(proof.body)
    told = (event["action"], event["tenant"], event["study"], event["subject"], event["detail"]["objects_sha256"])
    digest = hashlib.sha256(canonical(document["objects"])).hexdigest()
    if told != ("study.destroyed", document["tenant"], document["study"], document["key"]["id"], digest):
        raise WrongError("the line of the log to which the certificate points is about something else")
    return checkpoint


def check_pushed(held: dict[str, Any], key: Key) -> Checkpoint:
    """Raise unless a pushed checkpoint is signed, and continues the one that was pushed before it."""
    checkpoint, before = Checkpoint(held["checkpoint"]), held.get("previous")
    checkpoint.require_signed(key)
    if before:
        old = Checkpoint(before)
        old.require_signed(key)
        path = [decoded(each) for each in held["consistency"]]
        if not is_consistent(old.size, old.root, checkpoint.size, checkpoint.root, path):
            raise WrongError(f"the log of size {checkpoint.size} does not begin with the one of size {old.size}")
    return checkpoint


# --- the command ------------------------------------------------------------------------------------------------------


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _verify_log(path: Path, options: argparse.Namespace) -> None:
    export = Export(path)
    key = _chosen(options.key, export.key())
    held = [Checkpoint(Path(name).read_text(encoding="utf-8")) for name in options.checkpoint]
    result = LogCheck(key, export.rows, export.checkpoints() + held).run()
    for producer, number in result.gaps[:20]:
        _say(f"gap: number {number} of producer {producer} has no event and was not declared void")
    if not result.holds:
        where = "" if result.bad_index is None else f"first bad index {result.bad_index}: "
        raise WrongError(where + result.reason)
    if result.gaps and options.strict:
        raise WrongError(f"{len(result.gaps)} numbers of producers lack")
    _say(
        f"{result.size} lines hold, {result.covered} of them under {result.checkpoints} signed checkpoints, "
        f"{len(result.gaps)} gaps"
    )


def _verify_text(text: str, options: argparse.Namespace) -> None:
    if text.startswith(PROOF_KIND):
        proof = Proof(text)
        checkpoint = proof.require(_chosen(options.key, proof.key))
        _say(
            f"the line stands in the log {checkpoint.origin} at index {proof.index} of {checkpoint.size}:\n{proof.body}"
        )
        return
    held = json.loads(text)
    if "document" in held:
        key = _chosen(options.key, Key(held["signature"]["key"]))
        check_document(held, key)
        _say("the document is signed and unchanged")
        if held["document"].get("type") == CERTIFICATE_KIND:
            _verify_certificate(held["document"], key)
        return
    checkpoint = check_pushed(held, _chosen(options.key, Key(held["key"])))
    _say(f"the checkpoint of size {checkpoint.size} is signed and continues the one before")


def _verify_certificate(document: dict[str, Any], key: Key) -> None:
    checkpoint = check_certificate(document, key)
    _say(
        f"study {document['study']}: {len(document['objects'])} objects,\n"
        f"unreadable since {document['unreadable_since']}, beyond recovery after {document['irrecoverable_after']},\n"
        f"names and dates in backups expire on {document['index_columns_expire_at']}; "
        f"the log of size {checkpoint.size} says the same"
    )


def _chosen(given: str | None, named: Key) -> Key:
    if given is None:
        _say(f"key, as the file itself names it (compare it with the one you were given): {named.text}")
        return named
    return Key(given)


def main(arguments: list[str] | None = None) -> int:
    """Verify one file and return the exit status."""
    parser = argparse.ArgumentParser(description="Verify an audit log of Bitewing, or one line of it.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", help="key of the log, name+id+base64")
    parser.add_argument(
        "--checkpoint", action="append", default=[], help="file of a checkpoint that was kept elsewhere"
    )
    parser.add_argument("--strict", action="store_true", help="a gap in the numbers of a producer is an error as well")
    options = parser.parse_args(arguments)
    try:
        if options.file.is_dir() or zipfile.is_zipfile(options.file):
            _verify_log(options.file, options)
        else:
            _verify_text(options.file.read_text(encoding="utf-8"), options)
    except WrongError as error:
        _say(f"WRONG: {error}")
        return 1
    except (UnreadableError, OSError, KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        _say(f"this file cannot be read: {type(error).__name__}: {error}")
        return 2
    _say("OK")
    return 0


if __name__ == "__main__":
    sys.exit(main())
