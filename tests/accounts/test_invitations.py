"""Inviting people, and accepting."""

import datetime as dt
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts import selectors, services
from accounts.errors import AlreadyMemberError, InvitationLimitError, NoRoleError, OwnersOnlyError
from accounts.models import Invitation, Membership, SiteMember, Tenant, User
from common.actor import Actor
from common.clock import now
from common.errors import ForbiddenError, NotFoundError
from common.scope import tenant_scope
from tests.factories.cast import make_actor, make_member, make_tenant
from tests.factories.people import NEW_PASSWORD, actions, deliver, mailed_link, make_person

pytestmark = pytest.mark.django_db
GUEST = "nova@example.org"


def invite(tenant: Tenant, *roles: str, actor: Actor | None = None, email: str = GUEST) -> tuple[str, str]:
    """Invite somebody and return address and secret of the mail."""
    who = actor or make_actor(tenant, "administrator")
    services.invite(actor=who, email=email, roles=roles or ["technician"])
    deliver(tenant)
    return mailed_link(email)


def accept(path: str, secret: str, client: Client | None = None) -> Client:
    browser = client or Client()
    browser.post(path, {"secret": secret, "accept": "1", "name": "Nova Quell", "password": NEW_PASSWORD})
    return browser


def roles_of(tenant: Tenant, email: str) -> set[str]:
    with tenant_scope(tenant.id):
        return set(Membership.objects.filter(user__email=email).values_list("role", flat=True))


def invitation_id(tenant: Tenant) -> UUID:
    with tenant_scope(tenant.id):
        found: UUID = Invitation.objects.latest("created_at").id
    return found


@pytest.mark.req("PA-06")
def test_an_invited_person_chooses_name_and_password_and_goes_on_to_the_second_factor() -> None:
    tenant = make_tenant()
    path, secret = invite(tenant, "technician", "assistant")
    client = Client()
    offer = client.post(path, {"secret": secret}).content.decode()
    answer = client.post(path, {"secret": secret, "accept": "1", "name": "Nova Quell", "password": NEW_PASSWORD})
    assert tenant.name in offer
    assert "Technician, Assistant" in offer
    assert answer["Location"] == "/sign-in/authenticator/"
    assert roles_of(tenant, GUEST) == {"technician", "assistant"}
    assert User.objects.get(email=GUEST).name == "Nova Quell"
    assert client.get("/studies/").status_code == 302
    assert actions(tenant)[-3:] == ["member.invited", "member.added", "invitation.accepted"]


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_an_invitation_uses_nothing_up_and_tells_nothing(method: str) -> None:
    tenant = make_tenant("Very Own Imaging")
    path, secret = invite(tenant)
    answers = [getattr(Client(), method)(path) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    assert not any(word in answers[0].content.decode() for word in ("Very Own", GUEST, secret))
    accept(path, secret)
    assert roles_of(tenant, GUEST) == {"technician"}


def test_an_invitation_is_accepted_once() -> None:
    tenant = make_tenant()
    path, secret = invite(tenant)
    accept(path, secret)
    assert Client().post(path, {"secret": secret}).status_code == 404


def test_a_weak_password_is_refused_and_the_invitation_stays_good() -> None:
    tenant = make_tenant()
    path, secret = invite(tenant)
    refused = Client().post(path, {"secret": secret, "accept": "1", "name": "Nova", "password": "short"})
    assert refused.status_code == 422
    assert accept(path, secret).get("/sign-in/authenticator/").status_code == 200


def test_a_person_with_an_account_gains_the_roles_and_nothing_else_changes() -> None:
    elsewhere, tenant = make_person(make_tenant(), "owner"), make_tenant()
    path, secret = invite(tenant, "dentist", email=elsewhere.user.email)
    client = Client()
    offer = client.post(path, {"secret": secret})
    answer = client.post(path, {"secret": secret, "accept": "1", "name": "Impostor", "password": NEW_PASSWORD})
    before = elsewhere.user.password
    elsewhere.user.refresh_from_db()
    assert "You have an account already" in offer.content.decode()
    assert answer["Location"] == "/sign-in/"
    assert roles_of(tenant, elsewhere.user.email) == {"dentist"}
    assert (elsewhere.user.name, elsewhere.user.password) == ("Person", before)
    assert "_auth_user_id" not in client.session


def test_mailing_again_ends_the_older_mail() -> None:
    tenant = make_tenant()
    path, secret = invite(tenant)
    services.resend_invitation(actor=make_actor(tenant, "owner"), invitation_id=invitation_id(tenant))
    deliver(tenant)
    assert Client().post(path, {"secret": secret}).status_code == 404
    assert Client().post(path, {"secret": mailed_link(GUEST)[1]}).status_code == 200


def test_ten_mails_are_enough() -> None:
    tenant = make_tenant()
    owner = make_actor(tenant, "owner")
    invite(tenant, actor=owner)
    for _ in range(9):
        services.resend_invitation(actor=owner, invitation_id=invitation_id(tenant))
    with pytest.raises(InvitationLimitError):
        services.resend_invitation(actor=owner, invitation_id=invitation_id(tenant))


def test_an_invitation_taken_back_opens_nothing() -> None:
    tenant = make_tenant()
    path, secret = invite(tenant)
    services.revoke_invitation(actor=make_actor(tenant, "owner"), invitation_id=invitation_id(tenant))
    assert Client().post(path, {"secret": secret}).status_code == 404
    assert roles_of(tenant, GUEST) == set()


def test_after_a_week_an_invitation_has_ended() -> None:
    tenant = make_tenant()
    path, secret = invite(tenant)
    with time_machine.travel(now() + dt.timedelta(days=7, minutes=1)):
        assert Client().post(path, {"secret": secret}).status_code == 404


def test_an_invitation_of_the_same_address_replaces_the_older_one() -> None:
    tenant = make_tenant()
    path, secret = invite(tenant, "technician")
    invite(tenant, "dentist")
    assert Client().post(path, {"secret": secret}).status_code == 404
    with tenant_scope(tenant.id):
        assert [line.roles for line in selectors.list_invitations()] == [("dentist",)]


def test_the_mail_names_the_team_and_no_patient() -> None:
    tenant = make_tenant("Quay Imaging")
    invite(tenant)
    message = mail.outbox[-1]
    assert "Quay Imaging" in str(message.subject)
    assert "It works once, until" in str(message.body)


def test_an_invited_person_works_at_the_sites_that_still_exist() -> None:
    tenant = make_tenant()
    owner = make_actor(tenant, "owner")
    kept, closed = (services.add_site(actor=owner, name=name) for name in ("North", "South"))
    services.invite(actor=owner, email=GUEST, roles=["technician"], site_ids=[kept, closed])
    services.change_site(actor=owner, site_id=closed, name="South", is_active=False)
    deliver(tenant)
    accept(*mailed_link(GUEST))
    with tenant_scope(tenant.id):
        assert list(SiteMember.objects.values_list("site_id", flat=True)) == [kept]


@pytest.mark.parametrize(
    ("role", "roles", "refusal"),
    [
        ("technician", ["technician"], ForbiddenError),
        ("compliance_officer", ["technician"], ForbiddenError),
        ("administrator", ["owner"], OwnersOnlyError),
        ("owner", [], NoRoleError),
    ],
)
def test_who_may_invite_whom(role: str, roles: list[str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        services.invite(actor=make_actor(make_tenant(), role), email=GUEST, roles=roles)


def test_only_an_owner_mails_the_invitation_of_an_owner_again() -> None:
    tenant = make_tenant()
    invite(tenant, "owner", actor=make_actor(tenant, "owner"))
    with pytest.raises(OwnersOnlyError):
        services.resend_invitation(actor=make_actor(tenant, "administrator"), invitation_id=invitation_id(tenant))
    services.resend_invitation(actor=make_actor(tenant, "owner"), invitation_id=invitation_id(tenant))


def test_a_member_is_not_invited_again() -> None:
    tenant = make_tenant()
    member = make_member(tenant, "dentist")
    with pytest.raises(AlreadyMemberError):
        services.invite(actor=make_actor(tenant, "owner"), email=member.email.upper(), roles=["technician"])


def test_an_invitation_of_another_tenant_is_absent() -> None:
    tenant = make_tenant()
    invite(tenant)
    with pytest.raises(NotFoundError):
        services.revoke_invitation(actor=make_actor(make_tenant(), "owner"), invitation_id=invitation_id(tenant))
