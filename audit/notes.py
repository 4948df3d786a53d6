"""Texts that others can read: checkpoints (c2sp.org/tlog-checkpoint) as signed notes, proofs (c2sp.org/tlog-proof)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from audit.signing import Signer

_LEAF_KIND = "bitewing-leaf/v1"
_SIGNATURE_MARK = "\N{EM DASH}"


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The state of a log: how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Return the text that is signed: origin, size and root, a line each."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"


def checkpoint(signer: Signer, head: TreeHead) -> str:
    """Return a checkpoint: the text of a tree head, an empty line, the line of the signature."""
    signature = signer.key_id + signer.sign(head.text.encode())
    return f"{head.text}\n{_SIGNATURE_MARK} {signer.name} {_encoded(signature)}\n"


def leaf_message(origin: str, index: int, leaf: bytes) -> bytes:
    """Return what is signed of a leaf: that this hash stands at this place of this log.

    A root says that something changed since a checkpoint; these signatures say which leaf was the first.
    """
    return f"{_LEAF_KIND}\n{origin}\n{index}\n{_encoded(leaf)}\n".encode()


def proof_file(*, extra: bytes, index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Return a proof of inclusion that needs nothing else but the key of the log.

    Parameters
    ----------
    extra
        What the leaf is made of; a reader hashes it, and does not believe it otherwise.
    path
        The audit path from the sibling of the leaf upwards.
    """
    lines = ["c2sp.org/tlog-proof@v1", f"extra {_encoded(extra)}", f"index {index}", *map(_encoded, path)]
    return "\n".join([*lines, "", checkpoint])


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
