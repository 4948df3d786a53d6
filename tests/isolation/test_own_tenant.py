"""The same addresses, asked by their own tenant, each request in transactions of its own as in a deployment.

Tests usually run inside one transaction, in which PostgreSQL remembers a tenant for longer than the portal does: what
reads a row outside of its scope is found here only.
"""

from collections.abc import Iterator

import pytest

from pacs.dicomweb import access
from tests.isolation.matrix import faults, unread
from tests.isolation.routes import with_ids, without_ids
from tests.isolation.world import Victim, client_of, make_victim

pytestmark = pytest.mark.django_db(transaction=True)

# Not read, but written to; or of the demo only.
NOT_PAGES = {
    # A volume that is small already has no half.
    "viewer/{study_id}/series/{series_id}/half": 404,
    "studies/{study_id}/delete/": 404,
    "studies/{study_id}/restore/": 404,
    "studies/{study_id}/decide/": 404,
    "corrections/{correction_id}/undo/": 404,
    "uploads/{upload_id}/answered": 404,
    "uploads/{upload_id}/files": 404,
    "uploads/{upload_id}/pieces": 404,
    "uploads/{upload_id}/piece": 404,
    "uploads/{upload_id}/join": 404,
    "uploads/{upload_id}/discard": 404,
    "s/{link_id}/open": 404,
    "s/{link_id}/resend": 404,
    "s/{link_id}/code": 404,
    "shares/{link_id}/revoke/": 404,
    "p/shares/{link_id}/stop": 404,
    "patient-access/{access_id}/revoke/": 404,
    "studies/searches/{search_id}/delete/": 404,
    "studies/{study_id}/analysis/run/": 404,
    "analyses/{network_run_id}/cancel/": 404,
    "networks/rules/{rule_id}/": 404,
    "networks/batches/{batch_id}/cancel/": 404,
    "networks/{network_id}/retire/": 404,
    "demo/sign-in/{key}/": 404,
    "account/sessions/{session_id}/end/": 404,
    "people/{user_id}/deactivate/": 404,
    "people/{user_id}/reset-factor/": 404,
    "people/invitations/{invitation_id}/resend/": 404,
    "people/invitations/{invitation_id}/revoke/": 404,
    "tokens/{token_id}/revoke/": 404,
    "referrers/{referrer_id}/remove/": 404,
    "emergencies/{emergency_id}/end/": 404,
    "compliance/assets/{asset_id}/verify/": 404,
    "compliance/assets/{asset_id}/recall/": 404,
    "compliance/assets/{asset_id}/photos/": 404,
    "compliance/assets/photos/{photo_id}/remove/": 404,
    "compliance/devices/{sighting_id}/dismiss/": 404,
    "compliance/devices/{sighting_id}/reconsider/": 404,
    "compliance/analysis/{analysis_id}/issue/": 404,
    "compliance/analysis/{analysis_id}/reopen/": 404,
    "compliance/analysis/{analysis_id}/sections/{section_id}/close/": 404,
    "compliance/analysis/{analysis_id}/sections/{section_id}/reopen/": 404,
    "compliance/analysis/{analysis_id}/questions/{question_id}/assign/": 404,
    "compliance/analysis/{analysis_id}/questions/{question_id}/files/": 404,
    "compliance/analysis/files/{file_id}/remove/": 404,
    "compliance/analysis/{analysis_id}/risks/propose/": 404,
    "compliance/analysis/{analysis_id}/risks/none-applicable/": 404,
    "compliance/risks/{risk_id}/confirm/": 404,
    "compliance/risks/{risk_id}/dismiss/": 404,
    "compliance/risks/{risk_id}/rate/": 404,
    "compliance/risks/{risk_id}/response/": 404,
    "compliance/risks/{risk_id}/notes/": 404,
    "compliance/flows/{flow_id}/end/": 404,
    "compliance/flows/{flow_id}/resume/": 404,
    "compliance/flows/{flow_id}/verify/": 404,
    "compliance/tasks/{task_id}/step/": 404,
    "compliance/tasks/{task_id}/accept/": 404,
    "compliance/retention/runs/{run_id}/approve/": 404,
    "compliance/retention/runs/{run_id}/stop/": 404,
    "compliance/retention/runs/{run_id}/go-on/": 404,
    "compliance/retention/runs/{run_id}/give-up/": 404,
    "compliance/retention/items/{item_id}/spare/": 404,
    "compliance/retention/holds/{hold_id}/release/": 404,
    "compliance/retention/holds/{hold_id}/review/": 404,
    "compliance/retention/wishes/{wish_id}/answer/": 404,
    "compliance/retention/studies/{study_id}/hold/": 404,
    "compliance/retention/studies/{study_id}/extend/": 404,
    "compliance/retention/studies/{study_id}/patient/": 404,
    "compliance/retention/extensions/{extension_id}/end/": 404,
    # What is not destroyed has no certificate.
    "compliance/retention/certificates/{item_id}.pdf": 404,
    "compliance/retention/certificates/{item_id}.json": 404,
    "p/keeping/{wish_id}/take-back/": 404,
    "dicom-devices/{peer_id}/dismiss/": 404,
    "dicom-devices/{peer_id}/switch/": 404,
    "webhooks/{hook_id}/remove/": 404,
    "webhooks/{hook_id}/switch/": 404,
    "webhooks/{hook_id}/test/": 404,
    "schedule/appointments/{appointment_id}/separate/": 404,
    "compliance/vendors/{vendor_id}/uses/": 404,
    "compliance/vendors/{vendor_id}/end/": 404,
    "compliance/vendors/{vendor_id}/resume/": 404,
    "compliance/vendors/{vendor_id}/sub-processors/": 404,
    "compliance/vendors/{vendor_id}/exit/": 404,
    "compliance/vendors/{vendor_id}/agreements/": 404,
    "compliance/sub-processors/{sub_id}/remove/": 404,
    "compliance/agreements/{agreement_id}/clauses/": 404,
    "compliance/agreements/{agreement_id}/sign/": 404,
    "compliance/agreements/{agreement_id}/copies/": 404,
    "compliance/agreements/{agreement_id}/review/": 404,
    "compliance/agreements/{agreement_id}/end/": 404,
    "compliance/incidents/{incident_id}/assess/": 404,
    "compliance/incidents/{incident_id}/notices/": 404,
    "compliance/incidents/{incident_id}/exposure/": 404,
    "compliance/incidents/{incident_id}/close/": 404,
    "compliance/incidents/{incident_id}/reopen/": 404,
    "compliance/policies/{policy_id}/versions/": 404,
    "compliance/policies/{policy_id}/retire/": 404,
    "compliance/policy-versions/{version_id}/approve/": 404,
    "compliance/policy-versions/{version_id}/read/": 404,
    "compliance/requests/{request_id}/extend/": 404,
    "compliance/requests/{request_id}/fulfil/": 404,
    "compliance/requests/{request_id}/deny/": 404,
    # The secret that is tried is not the one of the calendar.
    "compliance/calendar/{feed_id}/{feed_secret}/tasks.ics": 404,
}
# An owner neither writes reports, nor treats patients in an emergency, nor judges what networks found.
OF_OTHERS = {
    "studies/{study_id}/report/": 403,
    "studies/{study_id}/emergency/": 403,
    "studies/{study_id}/analysis/overlay": 403,
}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    access.forget()
    yield
    access.forget()


@pytest.fixture
def home() -> Victim:
    return make_victim()


def test_an_owner_reads_everything_of_the_tenant(home: Victim) -> None:
    assert unread(client_of("owner", home.tenant, home.study), with_ids(), home) == {**NOT_PAGES, **OF_OTHERS}


# What it finds only PostgreSQL can hide; an owner asks on SQLite too, where errors of its own may be.
_ASKING = [
    "owner",
    *(pytest.param(who, marks=pytest.mark.postgres) for who in ("radiologist", "token", "guest", "patient")),
]


@pytest.mark.parametrize("who", _ASKING)
def test_no_question_about_ones_own_is_answered_by_a_server_error(home: Victim, who: str, turn: int | None) -> None:
    assert faults(client_of(who, home.tenant, home.study), with_ids(), home, turn) == {}


def test_no_page_without_an_id_is_answered_by_a_server_error(home: Victim) -> None:
    # It has no worker.
    pages = [route for route in without_ids() if route.template != "readyz"]

    assert faults(client_of("owner", home.tenant, home.study), pages, home) == {}
