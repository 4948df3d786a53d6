"""A root key in a hardware security module, through PKCS #11: an AES key that never leaves the token.

The URL is that of RFC 7512: `pkcs11:token=<label>;object=<label>?module-path=<library>&pin-source=file:<path>`. The PIN
stands in a file, never in the URL: URLs are shown.
"""

import os
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID

import pkcs11

from vault.errors import KeyringError, KeyWithdrawnError, ObjectTamperedError
from vault.keys import KEY_SIZE, NONCE_SIZE, EpochKey

_TAG_BITS = 128
_TAMPERED = (pkcs11.exceptions.EncryptedDataInvalid, pkcs11.exceptions.EncryptedDataLenRange)
# SoftHSM answers so when the tag of AES-GCM does not fit.
_VAGUE = (pkcs11.exceptions.GeneralError, pkcs11.exceptions.FunctionFailed)


class HsmRoot:
    """An AES key on a token, used with AES-GCM (PKCS #11 v3.0, CKM_AES_GCM)."""

    can_be_withdrawn = True

    def __init__(self, url: str) -> None:
        path, _, query = url.removeprefix("pkcs11:").partition("?")
        words = _attributes(path, ";") | _attributes(query, "&")
        try:
            self._module = words["module-path"]
            self._token = words["token"]
            self._object = words["object"]
            self._pin_file = Path(words["pin-source"].removeprefix("file:"))
        except KeyError as error:
            raise KeyringError("The URL of the HSM lacks {name}.", name=error.args[0]) from None

    def wrap_epoch(self, value: bytes, *, tenant_id: UUID, epoch: int) -> bytes:
        """Let the token wrap the key of an epoch.

        Raises
        ------
        KeyWithdrawnError
            If token, PIN or key cannot be used.
        """
        nonce = os.urandom(NONCE_SIZE)
        return nonce + self._use("encrypt", value, nonce, _associated_data(tenant_id, epoch))

    def unwrap_epoch(self, sealed: bytes, *, tenant_id: UUID, epoch: int) -> EpochKey:
        """Let the token unwrap the key of an epoch.

        Raises
        ------
        KeyWithdrawnError
            If token, PIN or key cannot be used.
        ObjectTamperedError
            If this is not what the key wrapped for this tenant and epoch.
        """
        nonce, data = sealed[:NONCE_SIZE], sealed[NONCE_SIZE:]
        value = self._use("decrypt", data, nonce, _associated_data(tenant_id, epoch))
        if len(value) != KEY_SIZE:
            raise ObjectTamperedError
        return EpochKey(value)

    def _use(self, verb: str, data: bytes, nonce: bytes, associated: bytes) -> bytes:
        parameters = pkcs11.GCMParams(nonce, associated, _TAG_BITS)
        try:
            token = pkcs11.lib(self._module).get_token(token_label=self._token)
            with token.open(user_pin=self._pin()) as session:
                key = session.get_key(
                    object_class=pkcs11.ObjectClass.SECRET_KEY, key_type=pkcs11.KeyType.AES, label=self._object
                )
                try:
                    return bytes(
                        getattr(key, verb)(data, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=parameters)
                    )
                except (*_TAMPERED, *_VAGUE):
                    raise ObjectTamperedError from None
        except (pkcs11.exceptions.PKCS11Error, OSError, RuntimeError) as error:
            raise KeyWithdrawnError("The HSM refuses the key: {kind}.", kind=type(error).__name__) from None

    def _pin(self) -> str:
        return self._pin_file.read_text(encoding="utf-8").strip()


def _attributes(text: str, separator: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in text.split(separator) if word)
    return {name: unquote(value) for name, _, value in pairs}


def _associated_data(tenant_id: UUID, epoch: int) -> bytes:
    return b"DPE2" + tenant_id.bytes + epoch.to_bytes(4, "big")
