"""Who is let in: AE titles and certificates, and what becomes of strangers."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import DeviceSighting
from outbox import services as outbox
from pacs.dimse import callers, peers
from pacs.dimse.errors import AssociationRefusedError, PeerNotFoundError, PeerTermsError, TitleTakenError
from pacs.dimse.listener import Listener, ListenTermsError, require_plain_address, tls_context
from pacs.dimse.models import CalledTitle, Peer
from pacs.dimse.negotiation import VERIFICATION
from pacs.dimse.serving import PortalDesk
from tests.factories.cast import make_actor, make_tenant
from tests.pacs.dimse.running import make_certificate
from tests.pacs.dimse.talking import CT, Device, make_called_tenant, talk
from tests.pacs.dimse.test_gateway import wait_until

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


def let_in() -> callers.Caller:
    caller = callers.admit(called="PORTAL", calling="DEVICE", address="127.0.0.1", certificate_sha256="")
    assert isinstance(caller, callers.Caller)
    return caller


@pytest.mark.parametrize("right", ["can_store", "can_query", "can_retrieve", "can_worklist"])
def test_a_right_that_is_taken_from_a_device_is_gone_on_an_open_association(right: str) -> None:
    tenant = make_called_tenant()
    caller = let_in()
    assert caller.is_still_welcome(right)

    peers.change_peer(actor=system_actor(tenant.id), peer_id=caller.peer_id, values={right: False})

    assert (caller.is_still_welcome(right), caller.is_still_welcome()) == (False, True)


def test_a_right_that_is_given_to_a_device_waits_for_its_next_association() -> None:
    tenant = make_called_tenant(can_query=False)
    caller = let_in()

    peers.change_peer(actor=system_actor(tenant.id), peer_id=caller.peer_id, values={"can_query": True})

    assert (caller.is_still_welcome("can_query"), let_in().is_still_welcome("can_query")) == (False, True)


def test_a_device_that_is_given_another_certificate_is_no_longer_welcome_with_its_former_one() -> None:
    tenant = make_called_tenant()
    caller = let_in()

    peers.change_peer(actor=system_actor(tenant.id), peer_id=caller.peer_id, values={"certificate_sha256": FINGERPRINT})

    assert (caller.is_still_welcome(), caller.actor.recheck()) == (False, False)


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


@pytest.mark.parametrize("does_handshake", [True, False])
def test_a_device_that_waits_over_tls_does_not_hold_up_the_end(tmp_path: Path, does_handshake: bool) -> None:
    server, device = (make_certificate(tmp_path, name) for name in ("server", "device"))
    tls = tls_context(certificate=server.certificate, key=server.key, clients=device.certificate)
    listener = Listener("127.0.0.1", 0, tls, PortalDesk)
    port = listener.open()
    thread = threading.Thread(target=listener.run, daemon=True)
    thread.start()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.load_verify_locations(server.certificate)
    client.load_cert_chain(device.certificate, device.key)

    plain = socket.create_connection(("127.0.0.1", port))
    with client.wrap_socket(plain, do_handshake_on_connect=does_handshake):
        wait_until(lambda: bool(listener._threads))
        listener.stop()
        thread.join(4)
        assert not thread.is_alive()
