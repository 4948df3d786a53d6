"""A patient comes back without a paper: with a passkey, which verifies the person on their own device."""

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import webauthn
from django.conf import settings
from django.db import IntegrityError, transaction
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts import limits
from accounts import selectors as accounts_selectors
from accounts import services as accounts
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from sharing import proofs
from sharing.errors import PasskeyRefusedError
from sharing.models import PatientAccess, PatientPasskey
from sharing.services.entering import Entered, begin_session

CHALLENGE_LIFE = dt.timedelta(minutes=5)
_NAME = "Your images"
# What the library raises besides its own, for text that is no base64 and for a key without all its parts.
_INVALID = (WebAuthnException, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What the browser is asked for, as JSON; and the challenge that its answer must hold, once."""

    options: str
    challenge: str = field(repr=False)


def begin_passkey(*, actor: Actor, host: str) -> Ceremony:
    """Ask the browser of a patient who came in to make a passkey."""
    with tenant_scope(actor.tenant_id):
        name = accounts_selectors.tenant_name(actor.tenant_id)
        known = [bytes(one) for one in _of(actor.id).values_list("credential_id", flat=True)]
    options = webauthn.generate_registration_options(
        rp_id=host,
        rp_name=name,
        # What a device lists for its owner: the practice, never a name.
        user_name=f"{_NAME}, {name}",
        user_id=actor.id.bytes,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return Ceremony(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def _of(access_id: UUID) -> Any:
    return PatientPasskey.objects.filter(access_id=access_id)


def keep_passkey(*, actor: Actor, host: str, challenge: str, answer: dict[str, Any]) -> None:
    """Keep the passkey that a browser made."""
    _use_up(challenge)
    try:
        made = webauthn.verify_registration_response(
            credential=json.dumps(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host,
            expected_origin=list(settings.CSRF_TRUSTED_ORIGINS),
            require_user_verification=True,
        )
    except _INVALID:
        raise PasskeyRefusedError from None
    passkey_id = proofs.passkey_id(made.credential_id)
    row = PatientPasskey(
        tenant_id=actor.tenant_id,
        access_id=actor.id,
        passkey_id=passkey_id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
    )
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _insert(row)
        accounts.register_credential(credential_id=passkey_id, tenant_id=actor.tenant_id)
        audit.record(actor=actor, action="patient.passkey-made", subject_id=actor.id)


def _insert(row: PatientPasskey) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # this passkey is kept already
        raise PasskeyRefusedError from None


def begin_return(*, host: str) -> Ceremony:
    """Ask any browser for a passkey of a patient: which ones there are, only the device knows."""
    options = webauthn.generate_authentication_options(
        rp_id=host, user_verification=UserVerificationRequirement.REQUIRED
    )
    return Ceremony(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def come_back(*, host: str, challenge: str, answer: dict[str, Any]) -> Entered:
    """Begin a session of the patient whose passkey signed the challenge.

    Raises
    ------
    PasskeyRefusedError
        For whatever reason it is not valid.
    """
    _use_up(challenge)
    try:
        passkey_id = proofs.passkey_id(base64url_to_bytes(str(answer["rawId"])))
    except (KeyError, ValueError):
        raise PasskeyRefusedError from None
    for tenant_id in accounts_selectors.tenants_of(passkey_id):
        with tenant_scope(tenant_id), transaction.atomic():
            held = PatientPasskey.objects.filter(passkey_id=passkey_id, access__in=PatientAccess.objects.usable())
            row = held.select_for_update().select_related("access").first()
            if row is None:
                raise PasskeyRefusedError
            row.sign_count, row.used_at = _verify(row, host, challenge, answer), now()
            row.save(update_fields=["sign_count", "used_at"])
            return begin_session(row.access)
    raise PasskeyRefusedError


def _verify(row: PatientPasskey, host: str, challenge: str, answer: dict[str, Any]) -> int:
    try:
        verified = webauthn.verify_authentication_response(
            credential=json.dumps(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host,
            expected_origin=list(settings.CSRF_TRUSTED_ORIGINS),
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except _INVALID:
        raise PasskeyRefusedError from None
    return verified.new_sign_count


def _use_up(challenge: str) -> None:
    """Let a challenge be answered once, whichever process asks."""
    if not challenge or not limits.take_once("passkey", challenge, life=CHALLENGE_LIFE):
        raise PasskeyRefusedError
