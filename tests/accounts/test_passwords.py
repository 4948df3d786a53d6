"""Forgotten and changed passwords."""

import datetime as dt
import re
from io import StringIO

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import services
from accounts.errors import ResetClosedError
from accounts.models import PasswordReset, SignIn
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from outbox.models import OutboxMessage
from tests.factories.cast import make_tenant
from tests.factories.people import (
    NEW_PASSWORD,
    PASSWORD,
    Person,
    actions,
    deliver,
    let_factor_age,
    mailed_link,
    make_person,
    sign_in_by_hand,
)

pytestmark = pytest.mark.django_db


def ask(person: Person) -> tuple[str, str]:
    """Ask for a link and return its address and secret."""
    Client().post("/password/", {"email": person.user.email})
    deliver(person.tenant)
    return mailed_link(person.user.email)


def knows(person: Person, password: str) -> bool:
    person.user.refresh_from_db()
    return person.user.check_password(password)


def body(answer: object) -> str:
    lines = answer.content.decode().splitlines()  # type: ignore[attr-defined]  # answers of the test client
    return "\n".join(line for line in lines if not re.search('nonce|csrf|name="next"', line))


# --- asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
def test_the_answer_is_the_same_whether_there_is_such_a_person_or_not() -> None:
    person = make_person(make_tenant(), "technician")
    known = Client().post("/password/", {"email": person.user.email})
    unknown = Client().post("/password/", {"email": "nobody@example.org"})
    assert known.status_code == unknown.status_code == 200
    assert body(known) == body(unknown)


def test_only_a_person_with_a_role_somewhere_is_mailed() -> None:
    person = make_person(make_tenant(), "technician")
    ask(person)
    Client().post("/password/", {"email": "nobody@example.org"})
    deliver(person.tenant)
    assert [one.to for one in mail.outbox] == [[person.user.email]]


@pytest.mark.usefixtures("frozen_time")
def test_three_mails_an_hour_are_enough_and_the_answer_stays_the_same() -> None:
    person = make_person(make_tenant(), "technician")
    answers = [Client().post("/password/", {"email": person.user.email}) for _ in range(5)]
    deliver(person.tenant)
    assert len({body(answer) for answer in answers}) == 1
    assert PasswordReset.objects.count() == 3


@pytest.mark.usefixtures("frozen_time")
def test_one_place_asks_twenty_times_an_hour_at_most() -> None:
    for number in range(20):
        services.ask_reset(email=f"n{number}@example.org", address="192.0.2.7")
    person = make_person(make_tenant(), "technician")
    services.ask_reset(email=person.user.email, address="192.0.2.7")
    assert not PasswordReset.objects.exists()
    services.ask_reset(email=person.user.email, address="192.0.2.8")
    assert PasswordReset.objects.count() == 1


def test_no_secret_waits_in_the_outbox() -> None:
    person = make_person(make_tenant(), "technician")
    _path, secret = ask(person)
    with tenant_scope(person.tenant.id):
        assert not any(secret in str(row.payload) for row in OutboxMessage.objects.all())
    assert secret.encode() not in bytes(PasswordReset.objects.get().secret_hash)


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_the_link_lets_its_owner_choose_a_password_once() -> None:
    person = make_person(make_tenant(), "technician")
    path, secret = ask(person)
    first = Client().post(path, {"secret": secret, "password": NEW_PASSWORD})
    second = Client().post(path, {"secret": secret, "password": "yet another sentence"})
    assert first["Location"] == "/sign-in/"
    assert second.status_code == 404
    assert knows(person, NEW_PASSWORD)


def test_the_second_factor_is_still_asked_for() -> None:
    person = make_person(make_tenant(), "technician")
    path, secret = ask(person)
    Client().post(path, {"secret": secret, "password": NEW_PASSWORD})
    client = Client()
    answer = client.post("/sign-in/", {"email": person.user.email, "password": NEW_PASSWORD})
    assert answer["Location"] == "/sign-in/code/"
    assert client.get("/studies/").status_code == 302


def test_all_sessions_end_and_the_owner_hears_of_it() -> None:
    person = make_person(make_tenant(), "technician")
    client = sign_in_by_hand(person)
    path, secret = ask(person)
    Client().post(path, {"secret": secret, "password": NEW_PASSWORD})
    deliver(person.tenant)
    assert client.get("/studies/").status_code == 302
    assert not SignIn.objects.filter(user=person.user).exists()
    assert "was changed" in str(mail.outbox[-1].body)
    assert "password.reset" in actions(person.tenant)


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_a_link_uses_nothing_up(method: str) -> None:
    person = make_person(make_tenant(), "technician")
    path, secret = ask(person)
    for _ in range(50):
        assert getattr(Client(), method)(path).status_code == 200
    Client().post(path, {"secret": secret, "password": NEW_PASSWORD})
    assert knows(person, NEW_PASSWORD)


def test_a_newer_link_ends_the_older_one() -> None:
    person = make_person(make_tenant(), "technician")
    path, secret = ask(person)
    ask(person)
    assert Client().post(path, {"secret": secret, "password": NEW_PASSWORD}).status_code == 404
    assert knows(person, PASSWORD)


def test_after_half_an_hour_a_link_has_ended() -> None:
    person = make_person(make_tenant(), "technician")
    path, secret = ask(person)
    with time_machine.travel(now() + dt.timedelta(minutes=31)):
        assert Client().post(path, {"secret": secret, "password": NEW_PASSWORD}).status_code == 404


def test_a_wrong_secret_and_an_unknown_link_look_alike() -> None:
    person = make_person(make_tenant(), "technician")
    path, _secret = ask(person)
    wrong = Client().post(path, {"secret": "x" * 43, "password": NEW_PASSWORD})
    unknown = Client().post(f"/password/{uuid7()}", {"secret": "x" * 43, "password": NEW_PASSWORD})
    assert wrong.status_code == unknown.status_code == 404
    assert body(wrong) == body(unknown)


def test_a_weak_password_is_refused_and_the_link_stays_good() -> None:
    person = make_person(make_tenant(), "technician")
    path, secret = ask(person)
    refused = Client().post(path, {"secret": secret, "password": "short"})
    assert refused.status_code == 422
    assert secret in refused.content.decode()
    assert Client().post(path, {"secret": secret, "password": NEW_PASSWORD}).status_code == 302


def test_a_link_before_its_mail_was_sent_opens_nothing() -> None:
    person = make_person(make_tenant(), "technician")
    services.ask_reset(email=person.user.email, address=None)
    with pytest.raises(ResetClosedError):
        services.find_reset(reset_id=PasswordReset.objects.get().id, secret="")


# --- the first owner --------------------------------------------------------------------------------------------------


def test_the_operator_lets_the_first_owner_begin() -> None:
    tenant, printed = make_tenant(), StringIO()
    call_command("create_owner", tenant=tenant.slug, email="Boss@new.example", name="Bo Ss", stdout=printed)
    path, _, secret = printed.getvalue().strip().removeprefix(settings.BITEWING_BASE_URL).partition("#")
    Client().post(path, {"secret": secret, "password": NEW_PASSWORD})
    client = Client()
    answer = client.post("/sign-in/", {"email": "boss@new.example", "password": NEW_PASSWORD})
    assert printed.getvalue().count("\n") == 1
    assert answer["Location"] == "/sign-in/authenticator/"


def test_an_owner_of_an_unknown_tenant_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("create_owner", tenant="nowhere", email="b@new.example", name="B")


# --- one's own --------------------------------------------------------------------------------------------------------


def test_a_person_changes_the_password_and_stays_signed_in_here_only() -> None:
    person = make_person(make_tenant(), "technician")
    other, client = sign_in_by_hand(person), sign_in_by_hand(person)
    answer = client.post("/account/password/", {"present": PASSWORD, "password": NEW_PASSWORD})
    assert answer["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert SignIn.objects.get(user=person.user).session_key == client.session.session_key


def test_the_present_password_is_asked_for() -> None:
    person = make_person(make_tenant(), "technician")
    answer = sign_in_by_hand(person).post("/account/password/", {"present": "wrong", "password": NEW_PASSWORD})
    assert answer.status_code == 422
    assert knows(person, PASSWORD)


def test_a_stale_factor_leads_to_the_code_and_never_shows_the_passwords_again() -> None:
    person = make_person(make_tenant(), "technician")
    client = let_factor_age(sign_in_by_hand(person))
    answer = client.post("/account/password/", {"present": PASSWORD, "password": NEW_PASSWORD})
    assert answer["Location"] == "/step-up/?next=%2Faccount%2Fpassword%2F"
    assert knows(person, PASSWORD)
