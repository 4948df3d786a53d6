"""The root key: where BITEWING_ROOT_KEY_URL says it is.

======================  ================================================================================================
`file:<path>`           64 hexadecimal digits in a file that only its owner can read; made on first use
`credential:<path>`     the same, put there by the service manager (systemd LoadCredential=); never made by the portal
`passphrase:<words>`    Argon2id (RFC 9106) of the words, with a salt kept in the keyring
`kms:<arn>`             a key of AWS KMS (`vault.kms`)
`pkcs11:...`            a key in an HSM, by its URL of RFC 7512 (`vault.hsm`)
======================  ================================================================================================
"""

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from django.conf import settings

from common import logs
from common.disks import sync_path
from vault.errors import KeyringError, KeyWithdrawnError
from vault.keys import KEY_SIZE, EpochKey, RootKey
from vault.storage.file import refusals
from vault.storage.port import Storage

SALT_KEY = "root.salt"
_SALT_SIZE = 16
log = logs.get("vault")


class Root(Protocol):
    """What wraps the keys of epochs; its own key may never leave the device that has it."""

    @property
    def can_be_withdrawn(self) -> bool:
        """Say whether somebody else holds the key, and may take it away at any time."""

    def wrap_epoch(self, value: bytes, *, tenant_id: UUID, epoch: int) -> bytes:
        """Return the wrapped key."""

    def unwrap_epoch(self, sealed: bytes, *, tenant_id: UUID, epoch: int) -> EpochKey:
        """Return the key; raise ObjectTamperedError where this is not what was wrapped."""


def load(url: str, *, keyring: Storage) -> Root:
    """Return the root key of the deployment by its URL.

    Parameters
    ----------
    keyring
        The store of the epochs. While it is empty a `file:` root is made; later a missing one is an error, since a new
        one could open nothing.

    Raises
    ------
    KeyringError
        If the key is missing, readable by others, malformed, or of a kind that is not supported.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "file":
        path = Path("/" + rest.lstrip("/"))
        if not path.exists() and keyring.is_empty():
            _create(path)
        return _read(path)
    if scheme == "credential" and rest.startswith("/"):
        return _read(Path(rest))
    if scheme == "passphrase" and rest:
        return _stretch(rest, keyring)
    if scheme in _DEVICES:
        return _DEVICES[scheme](url, urlsplit(settings.BITEWING_BASE_URL).hostname or "")
    raise KeyringError("BITEWING_ROOT_KEY_URL is file:<path>, credential:<path>, passphrase:<words>, kms: or pkcs11:.")


def load_own(url: str, *, deployment: str) -> Root:
    """Return the root key that a tenant keeps itself; it is looked up each time, so that it can be taken away.

    Parameters
    ----------
    url
        `kms:<arn>`, `pkcs11:...` (RFC 7512), `file:<path>` or `credential:<path>`.
    deployment
        Name of the deployment, bound into what a KMS wraps.

    Raises
    ------
    KeyWithdrawnError
        If the key cannot be had.
    KeyringError
        If the URL names none.
    """
    scheme, _, rest = url.partition(":")
    if scheme in _DEVICES:
        return _DEVICES[scheme](url, deployment)
    if scheme in {"file", "credential"} and rest.startswith("/"):
        try:
            return _read(Path("/" + rest.lstrip("/")))
        except KeyringError as error:
            raise KeyWithdrawnError(error.detail) from None
    raise KeyringError("A tenant's own root key is kms:<arn>, pkcs11:..., file:<path> or credential:<path>.")


def _kms(url: str, deployment: str) -> Root:
    from vault.kms import KmsRoot

    return KmsRoot(url.partition(":")[2], deployment=deployment)


def _hsm(url: str, _deployment: str) -> Root:
    from vault.hsm import HsmRoot

    return HsmRoot(url)


_DEVICES: dict[str, Callable[[str, str], Root]] = {"kms": _kms, "pkcs11": _hsm}


def _read(path: Path) -> RootKey:
    try:
        status = path.stat()
        text = path.read_text(encoding="ascii").strip()
        value = bytes.fromhex(text)
    except FileNotFoundError:
        raise KeyringError("The file of the root key is missing: restore it from its copy.") from None
    except (OSError, ValueError):
        raise KeyringError("The file of the root key cannot be read as 64 hexadecimal digits.") from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeyringError("The file of the root key is readable by others: chmod 600.")
    if len(value) != KEY_SIZE:
        raise KeyringError("The file of the root key has {size} bytes, not {wanted}.", size=len(value), wanted=KEY_SIZE)
    return RootKey(value)


def _create(path: Path) -> None:
    """Make a root key durably, unless another process is quicker."""
    begun = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with refusals():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_SIZE) + "\n")
        sync_path(begun)
        with suppress(FileExistsError):
            path.hardlink_to(begun)
            log.warning("root_key.created", path_name=path.name, status="keep a copy: without it no image can be read")
        begun.unlink()
        sync_path(path.parent)


def _stretch(words: str, keyring: Storage) -> RootKey:
    salt = keyring.get(SALT_KEY)
    if salt is None:
        if not keyring.is_empty():
            raise KeyringError("The salt of the passphrase is missing from the keyring: restore it from its copy.")
        keyring.put(SALT_KEY, secrets.token_bytes(_SALT_SIZE), is_replacing=False)
        salt = keyring.get(SALT_KEY) or b""
    stretcher = Argon2id(salt=salt, length=KEY_SIZE, iterations=3, lanes=4, memory_cost=65_536)
    return RootKey(stretcher.derive(words.encode()))
