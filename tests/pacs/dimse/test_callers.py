"""Who is let in: AE titles and certificates, and what becomes of strangers."""

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import DeviceSighting
from outbox import services as outbox
from pacs.dimse import callers, peers
from pacs.dimse.errors import AssociationRefusedError, PeerNotFoundError, PeerTermsError, TitleTakenError
from pacs.dimse.listener import ListenTermsError, require_plain_address
from pacs.dimse.models import CalledTitle, Peer
from pacs.dimse.negotiation import VERIFICATION
from tests.factories.cast import make_actor, make_tenant
from tests.pacs.dimse.talking import CT, Device, make_called_tenant, talk

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-01")]
FINGERPRINT = "ab" * 32


def enter(_: Device) -> bool:
    return True


def peer_of(tenant: Tenant, ae_title: str) -> Peer:
    with tenant_scope(tenant.id):
        found: Peer = Peer.objects.get(ae_title=ae_title)
    return found


def test_an_unknown_device_is_refused_and_proposed_to_the_inventory() -> None:
    tenant = make_called_tenant()

    with pytest.raises(AssociationRefusedError, match=r"Result 1, source 1, reason 3"):
        talk(enter, CT, calling="STRANGER")
    outbox.drain([tenant.id])

    stranger = peer_of(tenant, "STRANGER")
    assert (stranger.state, stranger.last_address) == (Peer.State.PROPOSED, "127.0.0.1")
    with tenant_scope(tenant.id):
        assert DeviceSighting.objects.get(kind=DeviceSighting.Kind.AE_TITLE).label == "STRANGER"


def test_a_proposed_device_is_refused_until_somebody_lets_it_in() -> None:
    tenant = make_called_tenant()
    for _ in range(2):
        with pytest.raises(AssociationRefusedError):
            talk(enter, CT, calling="STRANGER")

    peers.add_peer(actor=make_actor(tenant, "administrator"), ae_title="STRANGER", values={"name": "CBCT"})

    assert talk(enter, CT, calling="STRANGER")


def test_strangers_do_not_fill_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make_called_tenant()
    monkeypatch.setattr(callers, "MAX_PROPOSED", 2)

    for number in range(4):
        with pytest.raises(AssociationRefusedError):
            talk(enter, CT, calling=f"STRANGER{number}")

    with tenant_scope(tenant.id):
        assert Peer.objects.filter(state=Peer.State.PROPOSED).count() == 2


@pytest.mark.parametrize("called", ["NOBODY", "portal", ""])
def test_a_name_that_no_tenant_has_is_refused(called: str) -> None:
    make_called_tenant()

    with pytest.raises(AssociationRefusedError, match=r"source 1, reason 7"):
        talk(enter, VERIFICATION, called=called)


def test_a_name_that_is_turned_off_is_refused() -> None:
    tenant = make_called_tenant()
    with tenant_scope(tenant.id):
        title_id = CalledTitle.objects.get().id

    peers.change_title(actor=system_actor(tenant.id), title_id=title_id, takes_unknown_classes=False, is_enabled=False)

    with pytest.raises(AssociationRefusedError):
        talk(enter, VERIFICATION)


@pytest.mark.parametrize("shown", ["", "cd" * 32])
def test_a_device_with_a_certificate_is_let_in_with_it_alone(shown: str) -> None:
    make_called_tenant(certificate_sha256=FINGERPRINT)

    assert talk(enter, VERIFICATION, certificate_sha256=FINGERPRINT)
    with pytest.raises(AssociationRefusedError):
        talk(enter, VERIFICATION, certificate_sha256=shown)


def test_a_certificate_does_not_open_the_door_of_another_tenant() -> None:
    make_called_tenant("FIRST", certificate_sha256=FINGERPRINT)
    make_called_tenant("SECOND", certificate_sha256="cd" * 32)

    with pytest.raises(AssociationRefusedError):
        talk(enter, VERIFICATION, called="SECOND", certificate_sha256=FINGERPRINT)


def test_a_name_belongs_to_one_tenant() -> None:
    make_called_tenant("CENTRE")

    with pytest.raises(TitleTakenError):
        peers.add_title(actor=make_actor(make_tenant(), "owner"), ae_title="CENTRE")


@pytest.mark.parametrize("title", ["", "A" * 17, "BACK\\SLASH", "ÄRZTE", "TAB\t"])
def test_what_is_no_ae_title_is_refused(title: str) -> None:
    with pytest.raises(PeerTermsError):
        peers.add_title(actor=make_actor(make_tenant(), "owner"), ae_title=title.replace("\t", "\x01"))


@pytest.mark.parametrize("values", [{"certificate_sha256": "xyz"}, {"port": 0}, {"port": 70000}])
def test_terms_of_a_device_are_checked(values: dict[str, object]) -> None:
    with pytest.raises(PeerTermsError):
        peers.add_peer(actor=make_actor(make_tenant(), "owner"), ae_title="X", values=values)


def test_a_technician_adds_no_device_and_another_tenants_is_absent() -> None:
    tenant = make_called_tenant()
    peer = peer_of(tenant, "DEVICE")

    with pytest.raises(ForbiddenError):
        peers.add_peer(actor=make_actor(tenant, "technician"), ae_title="NEW", values={})
    with pytest.raises(ForbiddenError):
        peers.change_peer(actor=make_actor(tenant, "technician"), peer_id=peer.id, values={"can_query": True})
    with pytest.raises(PeerNotFoundError):
        peers.change_peer(actor=make_actor(make_tenant(), "owner"), peer_id=peer.id, values={})


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "192.168.1.20", "10.0.0.4"])
def test_plain_dicom_is_allowed_on_loopback_and_named_local_addresses(host: str) -> None:
    require_plain_address(host)


@pytest.mark.req("X-20")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "8.8.8.8", "pacs.example.org", "localhost"])
def test_plain_dicom_is_refused_elsewhere(host: str) -> None:
    with pytest.raises(ListenTermsError):
        require_plain_address(host)
