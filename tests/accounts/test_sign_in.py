"""Signing in with both factors, lock-out, switching tenants."""

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts import services
from accounts.models import Tenant, User
from audit.models import AuditEvent
from common.scope import tenant_scope
from tests.factories.cast import make_member, make_tenant

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"
KEY = "3132333435363738393031323334353637383930"


def code() -> str:
    return f"{totp(bytes.fromhex(KEY)):06d}"


def member_with_factor(email: str = "a@example.org") -> tuple[Tenant, User]:
    tenant = make_tenant()
    user = make_member(tenant, "technician", email=email, password=PASSWORD)
    TOTPDevice.objects.create(user=user, key=KEY, confirmed=True)
    return tenant, user


def first_factor(client: Client, email: str = "a@example.org", password: str = PASSWORD) -> HttpResponseBase:
    return client.post("/sign-in/", {"email": email, "password": password, "next": "/audit/"})


@pytest.mark.req("PA-06")
def test_the_password_alone_opens_nothing(client: Client) -> None:
    member_with_factor()
    first_factor(client)
    assert client.get("/studies/").status_code == 302


def test_password_and_code_open_the_page_that_was_asked_for(client: Client) -> None:
    member_with_factor()
    assert first_factor(client)["Location"] == "/sign-in/code/"
    assert client.post("/sign-in/code/", {"code": code()})["Location"] == "/audit/"


def test_a_foreign_address_is_never_the_next_page(client: Client) -> None:
    member_with_factor()
    client.post("/sign-in/", {"email": "a@example.org", "password": PASSWORD, "next": "https://evil.example/"})
    assert client.post("/sign-in/code/", {"code": code()})["Location"] == "/"


def test_a_code_works_once(client: Client) -> None:
    member_with_factor()
    used = code()
    first_factor(client)
    client.post("/sign-in/code/", {"code": used})
    again = Client()
    first_factor(again)
    assert again.post("/sign-in/code/", {"code": used}).status_code == 422


def test_a_wrong_password_says_so_and_nothing_more(client: Client) -> None:
    member_with_factor()
    known = first_factor(client, password="wrong password!")
    unknown = first_factor(client, email="nobody@example.org", password="wrong password!")
    assert known.status_code == unknown.status_code == 422


def test_a_person_without_authenticator_is_sent_to_set_one_up(client: Client) -> None:
    make_member(make_tenant(), "technician", email="b@example.org", password=PASSWORD)
    assert first_factor(client, email="b@example.org")["Location"] == "/sign-in/authenticator/"


def test_ten_wrong_passwords_lock_the_account(client: Client, settings: Settings) -> None:
    settings.AXES_ENABLED = True
    member_with_factor()
    for _ in range(10):
        first_factor(client, password="wrong password!")
    assert first_factor(client).status_code == 429


def test_signing_in_is_in_the_audit_log(client: Client) -> None:
    tenant, user = member_with_factor()
    first_factor(client)
    client.post("/sign-in/code/", {"code": code()})
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(action="session.started", actor_id=user.id).count() == 1


def test_a_person_of_two_tenants_switches_between_them(client: Client) -> None:
    _, user = member_with_factor()
    other = make_tenant()
    services.create_member(tenant_id=other.id, email=user.email, name="Person", roles=["owner"])
    first_factor(client)
    client.post("/sign-in/code/", {"code": code()})
    client.post("/tenant/", {"tenant": str(other.id)})
    assert client.session["tenant_id"] == str(other.id)


def test_a_tenant_that_is_not_theirs_cannot_be_entered(client: Client) -> None:
    member_with_factor()
    first_factor(client)
    client.post("/sign-in/code/", {"code": code()})
    assert client.post("/tenant/", {"tenant": str(make_tenant().id)}).status_code == 404
