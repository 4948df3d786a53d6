"""The pages of DICOM devices: who may call is decided by owners and administrators."""

import pytest

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.dimse import peers
from pacs.dimse.errors import AssociationRefusedError
from pacs.dimse.models import CalledTitle, Peer
from tests.factories.browsers import enter_as
from tests.pacs.dimse.talking import CT, make_called_tenant, talk

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-01")]
FORM = {"ae_title": "SCANNER", "name": "CBCT, room 2", "port": "104", "can_store": "on"}


@pytest.fixture
def tenant() -> Tenant:
    return make_called_tenant()


def peer(tenant: Tenant, ae_title: str) -> Peer:
    with tenant_scope(tenant.id):
        found: Peer = Peer.objects.get(ae_title=ae_title)
    return found


def test_an_administrator_adds_a_device_and_sees_it(tenant: Tenant) -> None:
    client = enter_as(tenant, "administrator")

    assert client.post("/dicom-devices/", FORM)["Location"] == "/dicom-devices/"
    page = client.get("/dicom-devices/").content.decode()
    assert "CBCT, room 2" in page
    assert talk(lambda _: True, CT, calling="SCANNER")


def test_a_title_of_another_centre_is_refused_in_words(tenant: Tenant) -> None:
    make_called_tenant("TAKEN")

    answer = enter_as(tenant, "owner").post("/dicom-devices/titles/", {"ae_title": "TAKEN"})

    assert answer.status_code == 422
    assert "taken" in answer.content.decode()
    with tenant_scope(tenant.id):
        assert CalledTitle.objects.count() == 1


def test_a_stranger_that_called_is_let_in_by_saving(tenant: Tenant) -> None:
    with pytest.raises(AssociationRefusedError):
        talk(lambda _: True, CT, calling="STRANGER")
    client = enter_as(tenant, "administrator")
    assert "STRANGER" in client.get("/dicom-devices/").content.decode()
    path = f"/dicom-devices/{peer(tenant, 'STRANGER').id}/"
    assert "nobody knows it" in client.get(path).content.decode()

    client.post(path, {"port": "104", "can_store": "on"})

    assert peer(tenant, "STRANGER").state == Peer.State.ALLOWED
    assert talk(lambda _: True, CT, calling="STRANGER")


def test_a_device_is_turned_off_and_on(tenant: Tenant) -> None:
    client = enter_as(tenant, "administrator")
    path = f"/dicom-devices/{peer(tenant, 'DEVICE').id}/switch/"

    client.post(path)
    with pytest.raises(AssociationRefusedError):
        talk(lambda _: True, CT)
    client.post(path)
    assert talk(lambda _: True, CT)


def test_a_name_is_turned_off_and_a_proposal_dismissed(tenant: Tenant) -> None:
    client = enter_as(tenant, "owner")
    with pytest.raises(AssociationRefusedError):
        talk(lambda _: True, CT, calling="STRANGER")
    client.post(f"/dicom-devices/{peer(tenant, 'STRANGER').id}/dismiss/")
    with tenant_scope(tenant.id):
        assert not Peer.objects.filter(ae_title="STRANGER").exists()
        title = CalledTitle.objects.get()

    client.post(f"/dicom-devices/titles/{title.id}/", {"takes_unknown_classes": "on"})

    with pytest.raises(AssociationRefusedError):
        talk(lambda _: True, CT)


@pytest.mark.parametrize("role", ["technician", "radiologist", "auditor"])
def test_others_neither_see_nor_change_devices(tenant: Tenant, role: str) -> None:
    client = enter_as(tenant, role)

    assert client.get("/dicom-devices/").status_code == 403
    assert client.post(f"/dicom-devices/{peer(tenant, 'DEVICE').id}/switch/").status_code == 403
    assert peers.caller_title(tenant_id=tenant.id, peer_id=peer(tenant, "DEVICE").id) == "DEVICE"
