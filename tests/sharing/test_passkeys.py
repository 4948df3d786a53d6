"""A patient comes back with a passkey."""

from typing import Any

import cbor2
import pytest
from django.test import Client
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from accounts.models import Tenant
from common.clock import now
from common.scope import tenant_scope
from sharing.models import PatientAccess, PatientPasskey
from tests.factories.passkeys import PRESENT_AND_VERIFIED, Authenticator, come_back, make_passkey, post
from tests.factories.patients import Admitted, admit, change_access, walk_in

pytestmark = [pytest.mark.django_db, pytest.mark.req("PA-14")]


@pytest.fixture(autouse=True)
def _origin(settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["http://testserver"]


@pytest.fixture
def admitted(tenant: Tenant) -> Admitted:
    return admit(tenant)


@pytest.fixture
def device(admitted: Admitted) -> Authenticator:
    """A device with a passkey of the patient."""
    made = Authenticator()
    assert make_passkey(walk_in(Client(), admitted), made).status_code == 200
    return made


def is_in(client: Client) -> bool:
    return (
        "Your images" in client.get("/p/").content.decode()
        and "Code on the paper" not in client.get("/p/").content.decode()
    )


def test_a_passkey_leads_back_to_the_images(device: Authenticator, client: Client) -> None:
    assert come_back(client, device).json() == {"url": "/p/"}
    assert is_in(client)


def test_a_passkey_works_as_often_as_its_patient_comes(device: Authenticator) -> None:
    assert [come_back(Client(), device).status_code for _ in range(3)] == [200, 200, 200]


def test_a_passkey_of_nobody_opens_nothing(client: Client) -> None:
    assert come_back(client, Authenticator()).status_code == 400
    assert not is_in(client)


def test_another_key_under_the_same_name_opens_nothing(device: Authenticator, client: Client) -> None:
    forged = Authenticator(credential_id=device.credential_id, count=99)

    assert come_back(client, forged).status_code == 400


def test_a_device_that_did_not_verify_the_person_opens_nothing(device: Authenticator, client: Client) -> None:
    device.flags = PRESENT_AND_VERIFIED & ~0x04

    assert come_back(client, device).status_code == 400


def test_a_page_of_somebody_else_gets_nothing_signed_for_us(device: Authenticator, client: Client) -> None:
    assert come_back(client, device, origin="https://evil.example").status_code == 400


def test_an_answer_works_once(device: Authenticator, client: Client) -> None:
    asked = post(client, "/p/passkey/ask").json()
    answer = device.sign(asked)
    post(client, "/p/passkey/enter", answer)

    assert post(client, "/p/passkey/enter", answer).status_code == 400


def test_an_answer_belongs_to_the_browser_that_asked(device: Authenticator, client: Client) -> None:
    answer = device.sign(post(client, "/p/passkey/ask").json())
    other = Client()
    post(other, "/p/passkey/ask")

    assert post(other, "/p/passkey/enter", answer).status_code == 400


def test_a_challenge_of_ones_own_making_is_refused(device: Authenticator, client: Client) -> None:
    answer = device.sign(post(client, "/p/passkey/ask").json())
    client.cookies["bitewing-ceremony"] = "mine"

    assert post(client, "/p/passkey/enter", answer).status_code == 400


@pytest.mark.parametrize("column", ["revoked_at", "locked_at"])
def test_a_passkey_of_an_access_that_ended_opens_nothing(
    admitted: Admitted, device: Authenticator, client: Client, column: str
) -> None:
    change_access(admitted, **{column: now()})

    assert come_back(client, device).status_code == 400


def test_a_passkey_of_a_patient_who_was_forgotten_opens_nothing(
    admitted: Admitted, device: Authenticator, client: Client
) -> None:
    with tenant_scope(admitted.tenant.id):
        PatientAccess.objects.filter(id=admitted.access_id).delete()

    assert come_back(client, device).status_code == 400


def test_a_cloned_device_is_noticed(device: Authenticator, client: Client) -> None:
    come_back(Client(), device)
    device.count = 0

    assert come_back(client, device).status_code == 400


def test_nobody_makes_a_passkey_without_having_come_in(client: Client) -> None:
    assert post(client, "/p/passkey/begin").status_code == 404
    assert post(client, "/p/passkey/keep", {"id": "x"}).status_code == 404


@pytest.mark.parametrize("body", ["", "[]", "{", '{"rawId": 5}', '{"rawId": "é"}'])
def test_what_is_no_answer_is_refused(client: Client, body: str) -> None:
    post(client, "/p/passkey/ask")

    assert client.post("/p/passkey/enter", body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("name", ["é", "A"])
def test_an_answer_for_a_name_that_is_none_is_refused(device: Authenticator, client: Client, name: str) -> None:
    answer = device.sign(post(client, "/p/passkey/ask").json())
    answer["response"]["userHandle"] = name

    assert post(client, "/p/passkey/enter", answer).status_code == 400


def test_a_key_with_half_a_point_is_refused(admitted: Admitted) -> None:
    client, device = walk_in(Client(), admitted), Authenticator()
    answer = device.make(post(client, "/p/passkey/begin").json())
    made = cbor2.loads(base64url_to_bytes(answer["response"]["attestationObject"]))
    # The name of the second coordinate (-3) becomes one that nobody asks for (-4).
    made["authData"] = made["authData"].replace(b"\x22\x58\x20", b"\x23\x58\x20")
    answer["response"]["attestationObject"] = bytes_to_base64url(cbor2.dumps(made))

    assert post(client, "/p/passkey/keep", answer).status_code == 400


def test_a_passkey_is_kept_once(admitted: Admitted, device: Authenticator) -> None:
    assert make_passkey(walk_in(Client(), admit(admitted.tenant)), device).status_code == 400


def test_what_is_kept_names_nobody(tenant: Tenant, device: Authenticator) -> None:
    with tenant_scope(tenant.id):
        row = PatientPasskey.objects.get()

    assert bytes(row.credential_id) == device.credential_id
    assert row.sign_count == device.count
