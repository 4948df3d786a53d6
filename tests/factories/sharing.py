"""Links and the people who open them."""

import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Tenant
from common.actor import Actor, Right
from common.errors import DomainError
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.models import Patient, Study
from sharing import proofs, services
from sharing.models import GuestSession, ShareLink
from tests.factories.cast import make_actor, make_tenant

_numbers = count(1)
VIEW = frozenset({Right.VIEW.value})
RECIPIENT = "referrer@practice.example"
PATIENT_NAME = "Mustermann, Erika"


@dataclass(frozen=True)
class Shared:
    """A link with its secret, as the recipient has it."""

    tenant: Tenant
    sender: Actor
    study_ids: tuple[UUID, ...]
    link_id: UUID
    secret: str


def make_study(tenant: Tenant, *, conflict: str = "") -> Study:
    """Create a study of a patient, without any images."""
    number = next(_numbers)
    with tenant_scope(tenant.id):
        patient = Patient.objects.create(tenant=tenant, match_key=f"MRN-{number}", name=PATIENT_NAME)
        study: Study = Study.objects.create(
            tenant=tenant,
            patient=patient,
            key_id=uuid7(),
            study_instance_uid=f"2.25.{number}",
            patient_name=PATIENT_NAME,
            dicom_patient_id=f"MRN-{number}",
            description="Planning of an implant",
            modalities="CT",
            conflict=conflict,
        )
    return study


def share(tenant: Tenant | None = None, *, studies: int = 1, **terms: Any) -> Shared:
    """Create studies and a link to them, made by a dentist of the tenant."""
    home = tenant or make_tenant()
    sender = make_actor(home, "dentist")
    study_ids = tuple(make_study(home).id for _ in range(studies))
    made = services.share_studies(
        actor=sender, study_ids=study_ids, terms=services.Terms(**{"recipient_email": RECIPIENT, **terms})
    )
    return Shared(home, sender, study_ids, made.link_id, made.url.rpartition("#")[2])


def ask_code(link: Shared, nonce: str) -> str:
    """Open a link with its secret and read the code in the mail."""
    services.open_link(link_id=link.link_id, secret=link.secret, nonce=nonce)
    return newest_code()


def newest_code() -> str:
    """Read the code in the newest mail."""
    found = re.search(r"\b\d{8}\b", str(mail.outbox[-1].body))
    assert found is not None
    return found[0]


def open_session(link: Shared) -> services.Opened:
    """Go all the way of a recipient, in a fresh browser."""
    nonce = proofs.new_secret()
    return services.confirm_code(link_id=link.link_id, nonce=nonce, code=ask_code(link, nonce))


def refuse_codes(link: Shared, times: int) -> list[str]:
    """Type wrong codes, each for a fresh browser; return the refusals."""
    return [refused(link, nonce := proofs.new_secret(), wrong(ask_code(link, nonce))) for _ in range(times)]


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 10**8:08d}"


def refused(link: Shared, nonce: str, code: str) -> str:
    """Try a code and return the kind of its refusal, or nothing."""
    try:
        services.confirm_code(link_id=link.link_id, nonce=nonce, code=code)
    except DomainError as refusal:
        return refusal.code
    return ""


def in_parallel(calls: Sequence[Any], threads: int = 16) -> list[Any]:
    """Run calls in threads, each with its own connection to the database; a refusal is returned by its code."""

    def run(call: Any) -> Any:
        try:
            return call()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, calls))


def link_row(link: Shared) -> ShareLink:
    """Read the row of a link."""
    with tenant_scope(link.tenant.id):
        row: ShareLink = ShareLink.objects.get(id=link.link_id)
    return row


def change_link(link: Shared, **values: Any) -> None:
    """Change the row of a link behind the back of this process, as another process would."""
    with tenant_scope(link.tenant.id):
        ShareLink.objects.filter(id=link.link_id).update(**values)


def destroy_studies(link: Shared) -> None:
    """Delete the studies of a link, as their destruction does."""
    with tenant_scope(link.tenant.id):
        Study.objects.filter(id__in=link.study_ids).delete()


def count_sessions(link: Shared) -> int:
    """Count the sessions that were begun."""
    with tenant_scope(link.tenant.id):
        return int(GuestSession.objects.filter(link_id=link.link_id).count())


def sign_in(client: Client, actor: Actor) -> Client:
    """Give a browser the session of a person who passed both factors."""
    user = get_user_model().objects.get(id=actor.id)
    # A session that names a device of nobody is good for one request only.
    device = TOTPDevice.objects.create(user=user, name="test", confirmed=True)
    client.force_login(user)
    session = client.session
    moment = int(time.time())
    session.update(
        {
            DEVICE_ID_SESSION_KEY: device.persistent_id,
            "started": moment,
            "seen": moment,
            "factor_at": moment,
            "tenant_id": str(actor.tenant_id),
        }
    )
    session.save()
    return client


def walk_in(client: Client, link: Shared) -> Client:
    """Open a link in a browser: landing page, secret, code."""
    client.get(f"/s/{link.link_id}")
    client.post(f"/s/{link.link_id}/open", {"secret": link.secret})
    client.post(f"/s/{link.link_id}/code", {"code": newest_code()})
    return client
