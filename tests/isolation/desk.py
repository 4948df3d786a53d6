"""What the desk and the worklist keep: patients' accesses, searches, links of practice programs."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Tenant
from pacs import deep_links
from pacs import services as pacs
from pacs.deep_links import Wanted
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
        "token": (deep_links.seal(Wanted("accession_number", "CANARYACC")),),
    }


def state() -> dict[str, list[Any]]:
    """Return what an intruder could have changed (inside the scope)."""
    return {
        "accesses": list(
            PatientAccess.objects.order_by("id").values_list("id", "revoked_at", "failures", "sent_codes")
        ),
        "searches": list(SavedSearch.objects.order_by("id").values_list("id", "name")),
    }
