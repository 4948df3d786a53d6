"""A root key in AWS KMS: it never leaves there, and whoever owns it may disable it at any time.

What is wrapped is bound to deployment, tenant and epoch by the encryption context, which also stands in the log of KMS.
"""

import re
from typing import Any
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from vault.errors import KeyringError, KeyWithdrawnError, ObjectTamperedError
from vault.keys import EpochKey

_ARN = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+")
# The key was used, and what was given to it is not what it once wrapped.
_TAMPERED = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_CONFIG = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})


class KmsRoot:
    """A key of AWS KMS by its ARN; credentials come from the usual places of boto3."""

    can_be_withdrawn = True

    def __init__(self, arn: str, *, deployment: str) -> None:
        match = _ARN.fullmatch(arn)
        if match is None:
            raise KeyringError("A root key in KMS is kms:arn:aws:kms:<region>:<account>:key/<id>.")
        self._arn = arn
        self._deployment = deployment
        self._region = match["region"]

    def wrap_epoch(self, value: bytes, *, tenant_id: UUID, epoch: int) -> bytes:
        """Let KMS wrap the key of an epoch.

        Raises
        ------
        KeyWithdrawnError
            If KMS does not answer, or does not let us use the key.
        """
        answer = self._ask("encrypt", Plaintext=value, EncryptionContext=self._context(tenant_id, epoch))
        return bytes(answer["CiphertextBlob"])

    def unwrap_epoch(self, sealed: bytes, *, tenant_id: UUID, epoch: int) -> EpochKey:
        """Let KMS unwrap the key of an epoch.

        Raises
        ------
        KeyWithdrawnError
            If KMS does not answer, or does not let us use the key.
        ObjectTamperedError
            If this is not what the key wrapped for this deployment, tenant and epoch.
        """
        answer = self._ask("decrypt", CiphertextBlob=sealed, EncryptionContext=self._context(tenant_id, epoch))
        return EpochKey(bytes(answer["Plaintext"]))

    def _context(self, tenant_id: UUID, epoch: int) -> dict[str, str]:
        return {"deployment": self._deployment, "tenant": str(tenant_id), "epoch": str(epoch)}

    def _ask(self, verb: str, **words: Any) -> dict[str, Any]:
        try:
            client = boto3.client("kms", region_name=self._region, config=_CONFIG)
            answer: dict[str, Any] = getattr(client, verb)(KeyId=self._arn, **words)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _TAMPERED:
                raise ObjectTamperedError from None
            raise KeyWithdrawnError("KMS refuses the key: {code}.", code=code) from None
        except BotoCoreError as error:
            raise KeyWithdrawnError("KMS does not answer: {kind}.", kind=type(error).__name__) from None
        return answer
