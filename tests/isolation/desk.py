"""What the desk and the worklist keep: patients' accesses, searches, links of practice programs."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import Tenant
from common.clock import today
from common.scope import tenant_scope
from pacs import deep_links
from pacs import services as pacs
from pacs.appointments import plans
from pacs.appointments import services as appointments
from pacs.appointments.models import Appointment, PerformedStep, Unmatched
from pacs.changes import hooks
from pacs.changes.models import Hook
from pacs.deep_links import Wanted
from pacs.dimse import peers
from pacs.dimse.models import CalledTitle, Commitment, Peer
from pacs.models import SavedSearch, Study
from pacs.worklist_filters import Search
from sharing import services as sharing
from sharing.models import PatientAccess
from tests.factories.cast import make_actor


def make_ids(tenant: Tenant, study: Study) -> dict[str, Sequence[Any]]:
    """Make one of each, and return their ids."""
    owner = make_actor(tenant, "owner")
    search = Search(status="held")
    return {
        "access_id": (sharing.admit_patient(actor=owner, study_id=study.id).access_id,),
        "search_id": (pacs.save_search(actor=owner, title="Canary search", search=search, is_shared=True),),
        **_devices(tenant),
        **_hooks(tenant),
        **_schedule(tenant),
        "token": (deep_links.seal(Wanted("accession_number", "CANARYACC")),),
    }


def _devices(tenant: Tenant) -> dict[str, Sequence[Any]]:
    """Make a device and a name under which it calls."""
    owner = make_actor(tenant, "owner")
    return {
        "title_id": (peers.add_title(actor=owner, ae_title="CANARYPORTAL"),),
        "peer_id": (peers.add_peer(actor=owner, ae_title="CANARYSCAN", values={"name": "Canary scanner"}),),
    }


def _hooks(tenant: Tenant) -> dict[str, Sequence[Any]]:
    """Make a webhook."""
    return {"hook_id": (hooks.add(actor=make_actor(tenant, "owner"), url="https://canary.example/hook"),)}


def _schedule(tenant: Tenant) -> dict[str, Sequence[Any]]:
    """Make an appointment with its study, and a study that waits for one."""
    owner = make_actor(tenant, "owner")
    fields = {"external_id": "canary", "patient_id": "CANARY-PLAN", "family_name": "Zyxwvut", "date": str(today())}
    appointments.save(actor=owner, plans=[plans.read(fields)])
    with tenant_scope(tenant.id), transaction.atomic():
        row = Appointment.objects.get()
        first, second = Study.objects.filter(deleted_at=None).order_by("id")[:2]
        Appointment.objects.update(study_id=first.id, matched_by="hand")
        waiting = Unmatched.objects.create(tenant_id=tenant.id, study_id=second.id, reason=Unmatched.Reason.NONE)
        PerformedStep.objects.create(
            tenant_id=tenant.id, sop_instance_uid="1.2.3", state=PerformedStep.State.IN_PROGRESS, peer_id=owner.id
        )
        Commitment.objects.create(tenant_id=tenant.id, peer_id=Peer.objects.get().id, transaction_uid="1.2.3")
    return {"appointment_id": (row.id,), "unmatched_id": (waiting.id,)}


def state() -> dict[str, list[Any]]:
    """Return what an intruder could have changed (inside the scope)."""
    return {
        "accesses": list(
            PatientAccess.objects.order_by("id").values_list("id", "revoked_at", "failures", "sent_codes")
        ),
        "devices": list(Peer.objects.order_by("id").values_list("id", "state", "can_query", "name")),
        "hooks": list(Hook.objects.order_by("id").values_list("id", "is_on", "url")),
        "titles": list(CalledTitle.objects.order_by("id").values_list("id", "is_enabled", "takes_unknown_classes")),
        "appointments": list(Appointment.objects.order_by("id").values_list("id", "state", "study_id")),
        "unmatched": list(Unmatched.objects.order_by("id").values_list("id", "decided_at")),
        "searches": list(SavedSearch.objects.order_by("id").values_list("id", "name")),
    }
