"""API tokens."""

import datetime as dt

import pytest
import time_machine
from django.http import HttpRequest
from django.test import RequestFactory

from accounts import resolve, selectors, services, tokens
from accounts.errors import UnknownScopeError
from accounts.models import ApiToken
from common.actor import ActorKind
from common.clock import now
from common.errors import ForbiddenError
from common.scope import tenant_scope
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.django_db


def bearer(text: str) -> HttpRequest:
    return RequestFactory().get("/", headers={"Authorization": f"Bearer {text}"})


def test_a_token_is_resolved_to_its_tenant_and_scopes() -> None:
    tenant = make_tenant()
    text = services.create_token(actor=make_actor(tenant, "owner"), name="x", scopes=["dicomweb.read"])
    (actor,) = resolve.from_token(bearer(text))
    assert (actor.tenant_id, actor.kind, actor.scopes) == (tenant.id, ActorKind.TOKEN, frozenset({"dicomweb.read"}))


def test_only_the_hash_of_the_secret_is_kept() -> None:
    tenant = make_tenant()
    text = services.create_token(actor=make_actor(tenant, "owner"), name="x", scopes=["dicomweb.read"])
    parsed = tokens.parse(text)
    assert parsed is not None
    with tenant_scope(tenant.id):
        row = ApiToken.objects.get()
    assert parsed.secret.encode() not in bytes(row.secret_hash)
    assert bytes(row.secret_hash) == tokens.digest(parsed.secret)


def test_a_token_with_a_wrong_secret_is_nobody() -> None:
    text = services.create_token(actor=make_actor(make_tenant(), "owner"), name="x", scopes=["dicomweb.read"])
    assert resolve.from_token(bearer(text[:-1] + ("A" if text[-1] != "A" else "B"))) == []


@pytest.mark.parametrize("text", ["", "dpt_", "dpt_zz_x", "Basic abc", "dpt_" + "0" * 32 + "_", "x" * 5000])
def test_what_is_not_a_token_is_nobody(text: str) -> None:
    assert resolve.from_token(bearer(text)) == []


def test_a_revoked_token_is_nobody() -> None:
    tenant = make_tenant()
    owner = make_actor(tenant, "owner")
    text = services.create_token(actor=owner, name="x", scopes=["dicomweb.read"])
    parsed = tokens.parse(text)
    assert parsed is not None
    services.revoke_token(actor=owner, token_id=parsed.id)
    assert resolve.from_token(bearer(text)) == []


def test_a_running_stream_notices_the_revocation_of_its_token() -> None:
    tenant = make_tenant()
    owner = make_actor(tenant, "owner")
    text = services.create_token(actor=owner, name="x", scopes=["dicomweb.read"])
    (actor,) = resolve.from_token(bearer(text))
    services.revoke_token(actor=owner, token_id=actor.id)
    assert actor.recheck() is False


def test_an_expired_token_is_nobody() -> None:
    text = services.create_token(actor=make_actor(make_tenant(), "owner"), name="x", scopes=["dicomweb.read"])
    selectors.forget()
    with time_machine.travel(now() + dt.timedelta(days=366)):
        assert resolve.from_token(bearer(text)) == []


def test_a_technician_cannot_make_tokens() -> None:
    with pytest.raises(ForbiddenError):
        services.create_token(actor=make_actor(make_tenant(), "technician"), name="x", scopes=["dicomweb.read"])


def test_an_unknown_scope_is_refused() -> None:
    with pytest.raises(UnknownScopeError):
        services.create_token(actor=make_actor(make_tenant(), "owner"), name="x", scopes=["everything"])
