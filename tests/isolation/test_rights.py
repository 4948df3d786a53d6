"""Whoever may know that a study is there, and may not do this with it, is told so: 403, not 404."""

import pytest

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.models import Study
from sharing.models import ShareLink
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant
from tests.factories.sharing import share
from tests.factories.studies import make_study
from tests.isolation.world import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.req("PA-06")]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_study(tenant.id, "rights", 1)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("compliance_officer", "/studies/{study}/"),
        ("auditor", "/studies/{study}/"),
        ("compliance_officer", "/viewer/{study}/"),
        ("auditor", "/viewer/{study}/scene"),
        ("owner", "/studies/{study}/analysis/overlay"),
        ("technician", "/studies/{study}/analysis/overlay"),
        ("auditor", "/studies/{study}/analysis/"),
        ("assistant", "/studies/{study}/archive"),
        ("auditor", "/studies/{study}/archive"),
        ("assistant", "/studies/{study}/share/"),
        ("dentist", "/studies/{study}/report/"),
        ("owner", "/studies/{study}/report/"),
        ("auditor", "/studies/{study}/report/pdf"),
        ("dentist", "/studies/upload/"),
        ("auditor", "/studies/upload/"),
        ("radiologist", "/studies/{study}/split/"),
        ("radiologist", "/studies/bin/"),
        ("dentist", "/quarantine/"),
        ("technician", "/audit/"),
        ("radiologist", "/audit/"),
        ("compliance_officer", "/dicom-web/studies/{uid}/metadata"),
        ("assistant", "/dicom-web/studies/{uid}"),
    ],
)
def test_reading_without_the_right_is_refused(tenant: Tenant, study: Study, role: str, path: str) -> None:
    response = enter_as(tenant, role).get(path.format(study=study.id, uid=study.study_instance_uid))

    assert response.status_code == 403


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("technician", "/studies/{study}/delete/"),
        ("radiologist", "/studies/{study}/delete/"),
        ("technician", "/audit/export/"),
        ("assistant", "/studies/{study}/share/"),
        ("technician", "/studies/{study}/report/"),
        ("assistant", "/studies/{study}/analysis/run/"),
        ("dentist", "/networks/import/"),
        ("technician", "/networks/rules/"),
        ("radiologist", "/networks/batches/"),
        ("administrator", "/networks/privacy/forbid/"),
    ],
)
def test_changing_without_the_right_is_refused_and_changes_nothing(
    tenant: Tenant, study: Study, role: str, path: str
) -> None:
    response = enter_as(tenant, role).post(path.format(study=study.id), {"email": "x@example.org", "observations": "x"})

    assert response.status_code == 403
    with tenant_scope(tenant.id):
        assert Study.objects.get(id=study.id).deleted_at is None
        assert ShareLink.objects.count() == 0


@pytest.mark.parametrize("role", ["assistant", "compliance_officer", "auditor"])
def test_a_link_is_not_revoked_by_who_may_not_share(role: str) -> None:
    link = share()
    response = enter_as(link.tenant, role).post(f"/shares/{link.link_id}/revoke/")

    assert response.status_code == 403
    with tenant_scope(link.tenant.id):
        assert ShareLink.objects.get(id=link.link_id).revoked_at is None


@pytest.mark.parametrize("role", ["technician", "radiologist", "dentist", "auditor"])
def test_a_study_is_not_restored_by_who_may_not(tenant: Tenant, study: Study, role: str) -> None:
    owner = client_of("owner", tenant, study)
    owner.post(f"/studies/{study.id}/delete/")
    response = enter_as(tenant, role).post(f"/studies/{study.id}/restore/")

    assert response.status_code == 403
    with tenant_scope(tenant.id):
        assert Study.objects.get(id=study.id).deleted_at is not None


def test_a_wrong_method_on_something_named_is_answered_as_if_nothing_were_there(tenant: Tenant, study: Study) -> None:
    owner = enter_as(tenant, "owner")

    assert owner.put(f"/studies/{study.id}/").status_code == 404
    assert owner.put("/studies/").status_code == 405


def test_nobody_switches_into_a_tenant_that_is_not_his(tenant: Tenant, study: Study) -> None:
    stranger = enter_as(make_tenant(), "owner")

    assert stranger.post("/tenant/", {"tenant": str(tenant.id)}).status_code == 404
    assert stranger.get(f"/studies/{study.id}/").status_code == 404
