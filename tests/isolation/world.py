"""Two tenants. Everything of the first carries a canary; the people of the second look for it."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from accounts import tokens
from accounts.access import matrix
from accounts.models import PasswordReset, Role, SignIn, Tenant
from common.actor import system_actor
from common.clock import now
from common.scope import tenant_scope
from pacs.identity import Identity
from pacs.intake import sessions
from pacs.models import Instance, Refusal, Report, Series, Study
from pacs.reports import services as reports
from pacs.reports.services import ReportText
from pacs.services import delete_study, move_study
from sharing import services as sharing
from sharing.models import ShareLink
from tests.factories import patients
from tests.factories.cast import make_actor, make_tenant
from tests.factories.sharing import Shared, sign_in, walk_in
from tests.factories.studies import make_dicom, make_study, store
from tests.isolation import analysis, desk, documents, inventory, networks, records, retention

_DRAWN = re.compile(r'(?:nonce|name="csrfmiddlewaretoken" value)="[^"]*"')
CANARIES = ("zyxwvut", "quibble", "canary")
DAY = dt.timedelta(days=1)
STAFF = tuple(Role.values)
OUTSIDERS = (*STAFF, "token", "guest", "patient")
# Who asks on SQLite: one of each kind. The others ask on PostgreSQL.
_ON_SQLITE = {"owner", "auditor", "token", "guest", "patient"}
# What an address names that is the same for every tenant.
_SHARED = {
    *("frames", "path", "key", "question_id", "section_id", "feed_secret"),
    *("letter_kind", "file_format"),
}
_ELEMENTS: dict[str, Any] = {
    "PatientName": "Zyxwvut^Quibble",
    "PatientID": "CANARY-PID",
    "AccessionNumber": "CANARYACC",
    "StudyDescription": "Canary examination",
    "SeriesDescription": "Canary series",
    "ReferringPhysicianName": "Canary^Referrer",
}


@dataclass(frozen=True)
class Victim:
    """The tenant that nobody else may see: its rows, and every id that an address could name."""

    tenant: Tenant
    study: Study
    binned: Study
    link: Shared
    ids: dict[str, Sequence[Any]]

    @property
    def secrets(self) -> frozenset[str]:
        """Everything of it that must occur in no answer to anybody else."""
        named = {str(value) for name, values in self.ids.items() if name not in _SHARED for value in values}
        return frozenset({*CANARIES, *(text.lower() for text in named), str(self.tenant.id)})

    def state(self) -> dict[str, list[Any]]:
        """Return what an intruder could have changed."""
        with tenant_scope(self.tenant.id):
            return {
                "studies": list(Study.objects.order_by("id").values_list("id", "deleted_at", "number_of_instances")),
                "instances": list(Instance.objects.order_by("id").values_list("id", "is_binned")),
                "reports": list(Report.objects.order_by("id").values_list("id", "state", "changed_at")),
                "links": list(
                    ShareLink.objects.order_by("id").values_list("id", "revoked_at", "used_sessions", "failures")
                ),
                "refusals": list(Refusal.objects.order_by("id").values_list("id")),
                **desk.state(),
                **inventory.state(),
                **analysis.state(),
                **documents.state(),
                **retention.state(),
                **records.state(),
                **networks.state(),
            }


def make_victim() -> Victim:
    """Make a tenant with one of everything."""
    tenant = make_tenant("Canary Imaging")
    study = make_study(tenant.id, "victim", 4, prepared=True, **_ELEMENTS)
    binned = make_study(tenant.id, "victim-binned", 1, **_ELEMENTS)
    delete_study(actor=system_actor(tenant.id), study_id=binned.id)
    store(tenant.id, [make_dicom("victim-refused", **_ELEMENTS)[:-20]])
    report_id = _sign_report(tenant, study)
    link = _share(tenant, study)
    with tenant_scope(tenant.id):
        series = Series.objects.get(study=study)
        sops = list(Instance.objects.filter(study=study).values_list("sop_instance_uid", flat=True))
        refused = list(Refusal.objects.values_list("id", flat=True))
    ids = {
        "study_id": (study.id, binned.id),
        "uid": (study.study_instance_uid, binned.study_instance_uid),
        "study": (study.study_instance_uid, binned.study_instance_uid),
        "series": (series.series_instance_uid,),
        "instance": sops[:1],
        "series_id": (series.id,),
        "report_id": (report_id,),
        "link_id": (link.link_id,),
        "correction_id": (_correct(tenant),),
        "upload_id": (_begin_upload(tenant),),
        **_people(tenant, study),
        **desk.make_ids(tenant, study),
        **inventory.make_ids(tenant),
        **analysis.make_ids(tenant),
        **documents.make_ids(tenant),
        **retention.make_ids(tenant, study),
        **records.make_ids(tenant),
        **networks.make_ids(tenant, study),
        "refusal_id": refused,
        "frames": ("1",),
        "path": ("7FE00010",),
        "key": ("owner",),
    }
    return Victim(tenant, study, binned, link, ids)


def _people(tenant: Tenant, study: Study) -> dict[str, Sequence[Any]]:
    """Make one of each thing of people, and return their ids."""
    owner, assistant = make_actor(tenant, "owner"), make_actor(tenant, "assistant")
    invitation = accounts.invite(actor=owner, email="canary@invited.example", roles=["dentist"])
    token = tokens.parse(accounts.create_token(actor=owner, name="Canary scanner", scopes=["api.read"]))
    card = accounts.Card(name="Canary Referrer", email="canary@referrer.example")
    emergency = accounts.open_emergency(
        actor=assistant, patient_id=study.patient_id, study_id=study.id, reason="Canary reason"
    )
    return {
        "user_id": (assistant.id,),
        "invitation_id": (invitation,),
        "reset_id": (PasswordReset.objects.create(user_id=assistant.id, expires_at=now() + DAY).id,),
        "session_id": (SignIn.objects.create(user_id=assistant.id, session_key="canary-session").id,),
        "token_id": (token.id if token else None,),
        "site_id": (accounts.add_site(actor=owner, name="Canary site"),),
        "referrer_id": (accounts.add_referrer(actor=owner, card=card),),
        "emergency_id": (emergency,),
    }


def _correct(tenant: Tenant) -> Any:
    """Give a study to another patient of the same canary."""
    moved = make_study(tenant.id, "victim-moved", 1, **_ELEMENTS)
    to = Identity(patient_id="CANARY-PID-2", name_pn="Zyxwvut^Quibble")
    return move_study(actor=system_actor(tenant.id), study_id=moved.id, to=to)


def _begin_upload(tenant: Tenant) -> Any:
    actor = make_actor(tenant, "technician")
    return sessions.begin_upload(actor=actor, digest=bytes(32), label="Canary CD", total_files=1, total_bytes=1)


def _sign_report(tenant: Tenant, study: Study) -> Any:
    reader = make_actor(tenant, "radiologist")
    draft = reports.save_draft(actor=reader, study_id=study.id, text=ReportText(observations="Canary finding"))
    return reports.sign(actor=reader, draft=draft).id


def _share(tenant: Tenant, study: Study) -> Shared:
    sender = make_actor(tenant, "dentist")
    terms = sharing.Terms(recipient_email="canary@practice.example", recipient_name="Canary Recipient")
    made = sharing.share_studies(actor=sender, study_ids=[study.id], terms=terms)
    return Shared(tenant, sender, (study.id,), made.link_id, made.url.rpartition("#")[2])


def asking(kinds: Sequence[str]) -> list[Any]:
    """Return the parameters of a test that each of them asks in, on one database each.

    SQLite shows what the scopes of the code do by themselves, as row-level security is shown without them.
    """
    return [
        pytest.param(kind, marks=pytest.mark.once if kind in _ON_SQLITE else pytest.mark.postgres) for kind in kinds
    ]


def make_outsider(kind: str) -> Client:
    """Return a browser, or a script, of another tenant that has a study and a link of its own."""
    tenant = make_tenant()
    study = make_study(tenant.id, "outside", 1)
    return client_of(kind, tenant, study)


def client_of(kind: str, tenant: Tenant, study: Study) -> Client:
    """Return who acts for a tenant: one of its staff by role, a token of every scope, a guest, or nobody."""
    client = Client(raise_request_exception=False)
    if kind == "token":
        token = accounts.create_token(actor=system_actor(tenant.id), name="t", scopes=matrix()["scopes"])
        return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    if kind == "guest":
        return walk_in(client, _own_link(tenant, study))
    if kind == "patient":
        return patients.walk_in(client, patients.admit(tenant, study))
    if kind == "anonymous":
        return client
    return sign_in(client, make_actor(tenant, kind))


def _own_link(tenant: Tenant, study: Study) -> Shared:
    sender = make_actor(tenant, "dentist")
    rights = frozenset({"view", "report", "download_dicom", "download_jpg"})
    terms = sharing.Terms(recipient_email="guest@practice.example", rights=rights)
    made = sharing.share_studies(actor=sender, study_ids=[study.id], terms=terms)
    return Shared(tenant, sender, (study.id,), made.link_id, made.url.rpartition("#")[2])


def leaks(answer: str, secrets: frozenset[str], asked: str) -> list[str]:
    """Name the secrets in an answer, less those that were in the question itself."""
    # A time zone that everybody may choose; and what is drawn for each page, in which six letters may come by chance.
    told = _DRAWN.sub("", answer).lower().replace("atlantic/canary", "")
    question = asked.lower()
    return sorted(secret for secret in secrets if secret not in question and secret in told)
