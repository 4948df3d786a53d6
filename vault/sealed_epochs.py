"""The files of the keyring: who can open one, and the wrapped key.

A file is "DPE1" and the key wrapped by the root of the deployment, or "DPE2", two bytes of length, a header in JSON and
the key wrapped by the root that the header names: the tenant's own.
"""

from dataclasses import dataclass

import orjson

from vault.errors import ObjectTamperedError

MAGIC = b"DPE1"
MAGIC_OWN = b"DPE2"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a file of the keyring holds: who can open it, and the wrapped key."""

    root: str
    deployment: str
    wrapped: bytes

    def pack(self) -> bytes:
        """Return the bytes of the file."""
        if not self.root:
            return MAGIC + self.wrapped
        header = orjson.dumps({"deployment": self.deployment, "root": self.root})
        return MAGIC_OWN + len(header).to_bytes(2, "big") + header + self.wrapped

    @classmethod
    def parse(cls, data: bytes) -> "Sealed":
        """Read the bytes of a file, or raise ObjectTamperedError."""
        if data.startswith(MAGIC):
            return cls("", "", data[len(MAGIC) :])
        size = int.from_bytes(data[4:6], "big")
        try:
            header = orjson.loads(data[6 : 6 + size])
            found = cls(str(header["root"]), str(header["deployment"]), data[6 + size :])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise ObjectTamperedError from None
        if not data.startswith(MAGIC_OWN):
            raise ObjectTamperedError
        return found
