"""The second factor: set up, lost, printed, replaced, reset by somebody else."""

import base64
import re
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.http.response import HttpResponse, HttpResponseBase
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import services
from accounts.errors import LastOwnerError, OwnAccountError, OwnersOnlyError
from accounts.factors import confirm_authenticator, count_codes, match_authenticator, match_printed, new_authenticator
from accounts.factors import print_codes as print_codes_of
from accounts.models import SignIn, User
from common.errors import ForbiddenError, NotFoundError
from tests.factories.cast import actor_of, make_actor, make_member, make_tenant
from tests.factories.people import (
    PASSWORD,
    Person,
    actions,
    deliver,
    let_factor_age,
    mailed_link,
    make_person,
    sign_in_by_hand,
)
from tests.factories.sharing import in_parallel

pytestmark = pytest.mark.django_db


def enrol(client: Client, user: User) -> HttpResponseBase:
    client.post("/sign-in/", {"email": user.email, "password": PASSWORD})
    client.get("/sign-in/authenticator/")
    device = TOTPDevice.objects.get(user=user)
    return client.post("/sign-in/authenticator/", {"code": f"{totp(device.bin_key):06d}"})


def shown_key(client: Client, user: User) -> str:
    client.post("/sign-in/", {"email": user.email, "password": PASSWORD})
    key: str = client.get("/sign-in/authenticator/").context["secret_key"]
    return key.replace(" ", "")


def codes_in(page: HttpResponseBase) -> list[str]:
    assert isinstance(page, HttpResponse)
    return re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", page.content.decode())


def print_codes(person: Person, client: Client) -> list[str]:
    return codes_in(client.post("/account/codes/"))


def recover(person: Person, code: str) -> tuple[Client, HttpResponseBase]:
    client = Client()
    client.post("/sign-in/", {"email": person.user.email, "password": PASSWORD})
    return client, client.post("/sign-in/printed-code/", {"code": code})


# --- setting up -------------------------------------------------------------------------------------------------------


def test_the_first_code_sets_the_authenticator_up_and_shows_ten_printed_codes(client: Client) -> None:
    user = make_member(make_tenant(), "technician", password=PASSWORD)
    page = enrol(client, user)
    assert len(set(codes_in(page))) == 10
    assert client.get("/studies/").status_code == 200


def test_a_key_that_somebody_saw_before_is_not_shown_to_its_owner() -> None:
    user = make_member(make_tenant(), "technician", password=PASSWORD)
    thief, owner = Client(), Client()
    seen, key = shown_key(thief, user), shown_key(owner, user)
    assert seen != key
    owner.post("/sign-in/authenticator/", {"code": f"{totp(base64.b32decode(key)):06d}"})
    assert owner.get("/studies/").status_code == 200
    assert TOTPDevice.objects.get(user=user).bin_key == base64.b32decode(key)


@pytest.mark.django_db(transaction=True)
def test_pages_opened_at_once_show_one_key() -> None:
    user = make_member(make_tenant(), "technician", password=PASSWORD)
    shown = in_parallel([partial(new_authenticator, user, session_key="one")] * 8, threads=8)
    assert len({device.id for device in shown}) == 1
    assert confirm_authenticator(user, code=f"{totp(shown[0].bin_key):06d}", session_key="one")


def test_two_keys_that_were_made_at_once_keep_nobody_out(client: Client) -> None:
    user = make_member(make_tenant(), "technician", password=PASSWORD)
    for _ in range(2):
        TOTPDevice.objects.create(user=user, confirmed=False)
    key = base64.b32decode(shown_key(client, user))
    client.post("/sign-in/authenticator/", {"code": f"{totp(key):06d}"})
    assert client.get("/studies/").status_code == 200
    assert TOTPDevice.objects.get(user=user).bin_key == key


@pytest.mark.django_db(transaction=True)
def test_of_lists_printed_at_once_the_last_one_holds() -> None:
    user = make_member(make_tenant(), "technician")
    in_parallel([partial(print_codes_of, user)] * 8, threads=8)
    assert count_codes(user) == 10


def test_two_lists_that_were_printed_at_once_end_with_the_next_one() -> None:
    user = make_member(make_tenant(), "technician")
    for _ in range(2):
        StaticToken.objects.create(device=StaticDevice.objects.create(user=user), token="of the past")
    codes = print_codes_of(user)
    assert count_codes(user) == 10
    assert match_printed(user, code=codes[0])


def test_what_is_kept_of_a_printed_code_does_not_tell_it(client: Client) -> None:
    page = enrol(client, make_member(make_tenant(), "technician", password=PASSWORD))
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == 10
    assert kept.isdisjoint(code.replace("-", "") for code in codes_in(page))


def test_a_second_factor_follows_the_first_within_ten_minutes(client: Client) -> None:
    person = make_person(make_tenant(), "technician")
    client.post("/sign-in/", {"email": person.user.email, "password": PASSWORD})
    session = client.session
    session["first_factor_at"] = session["first_factor_at"] - 601
    session.save()
    answer = client.post("/sign-in/code/", {"code": person.code()})
    assert answer["Location"] == "/sign-in/"


# --- without the phone ------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
def test_a_printed_code_lets_its_owner_in_and_leads_to_a_new_authenticator() -> None:
    person = make_person(make_tenant(), "technician")
    code = print_codes(person, sign_in_by_hand(person))[0]
    client, answer = recover(person, code)
    assert answer["Location"] == "/account/authenticator/"
    assert client.get("/account/authenticator/").status_code == 200
    assert "factor.recovered" in actions(person.tenant)


def test_a_printed_code_works_once() -> None:
    person = make_person(make_tenant(), "technician")
    code = print_codes(person, sign_in_by_hand(person))[0]
    recover(person, code)
    assert recover(person, code)[1].status_code == 422


def test_a_printed_code_of_somebody_else_does_not_work() -> None:
    tenant = make_tenant()
    person, other = make_person(tenant, "technician"), make_person(tenant, "technician")
    print_codes(person, sign_in_by_hand(person))
    code = print_codes(other, sign_in_by_hand(other))[0]
    assert recover(person, code)[1].status_code == 422


def test_capitals_spaces_and_hyphens_of_a_printed_code_do_not_matter() -> None:
    person = make_person(make_tenant(), "technician")
    code = print_codes(person, sign_in_by_hand(person))[0]
    assert recover(person, f" {code.upper().replace('-', ' ')} ")[1].status_code == 302


def test_new_printed_codes_end_the_older_ones() -> None:
    person = make_person(make_tenant(), "technician")
    client = sign_in_by_hand(person)
    old = print_codes(person, client)[0]
    print_codes(person, client)
    assert recover(person, old)[1].status_code == 422


def test_printing_codes_needs_a_fresh_factor() -> None:
    person = make_person(make_tenant(), "technician")
    client = let_factor_age(sign_in_by_hand(person))
    assert client.post("/account/codes/").status_code == 403
    assert not StaticToken.objects.exists()


def test_the_owner_hears_of_new_codes_by_mail() -> None:
    person = make_person(make_tenant(), "technician")
    print_codes(person, sign_in_by_hand(person))
    deliver(person.tenant)
    assert mail.outbox[-1].to == [person.user.email]


def test_guessing_printed_codes_is_slowed_down() -> None:
    person = make_person(make_tenant(), "technician")
    code = print_codes(person, sign_in_by_hand(person))[0]
    with time_machine.travel("2026-10-02 09:00", tick=False):
        recover(person, "aaaaa-aaaaa")
        assert recover(person, code)[1].status_code == 422


def test_who_types_slowly_is_not_taken_for_a_slow_clock() -> None:
    user = make_member(make_tenant(), "technician")
    phone = TOTPDevice.objects.create(user=user, confirmed=True)
    with time_machine.travel("2026-10-02 09:00:29", tick=False):
        code = f"{totp(phone.bin_key):06d}"
    with time_machine.travel("2026-10-02 09:00:31", tick=False):
        assert match_authenticator(user, code=code)
    with time_machine.travel("2026-10-02 09:10:00", tick=False):
        assert match_authenticator(user, code=f"{totp(phone.bin_key, drift=1):06d}"), "a phone half a minute ahead"


# --- a new phone ------------------------------------------------------------------------------------------------------


def test_a_new_authenticator_takes_the_place_of_the_old_one() -> None:
    person = make_person(make_tenant(), "technician")
    client = sign_in_by_hand(person)
    client.get("/account/authenticator/")
    fresh = TOTPDevice.objects.get(user=person.user, confirmed=False)
    answer = client.post("/account/authenticator/", {"code": f"{totp(fresh.bin_key):06d}"})
    assert answer["Location"] == "/account/"
    assert list(TOTPDevice.objects.filter(user=person.user)) == [fresh]
    assert client.get("/account/").status_code == 200


def test_a_new_authenticator_ends_the_sessions_on_other_devices() -> None:
    person = make_person(make_tenant(), "technician")
    other, client = sign_in_by_hand(person), sign_in_by_hand(person)
    client.get("/account/authenticator/")
    fresh = TOTPDevice.objects.get(user=person.user, confirmed=False)
    client.post("/account/authenticator/", {"code": f"{totp(fresh.bin_key):06d}"})
    assert other.get("/studies/").status_code == 302


def test_a_wrong_code_leaves_the_old_authenticator_in_place() -> None:
    person = make_person(make_tenant(), "technician")
    client = sign_in_by_hand(person)
    client.get("/account/authenticator/")
    assert client.post("/account/authenticator/", {"code": "000000"}).status_code == 422
    assert TOTPDevice.objects.filter(user=person.user, confirmed=True).get() == person.device


# --- reset by an administrator ----------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
def test_a_reset_takes_factors_password_and_sessions_and_mails_a_way_to_begin_anew(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    person = make_person(make_tenant(), "technician")
    client = sign_in_by_hand(person)
    with django_capture_on_commit_callbacks(execute=True):
        services.reset_factor(actor=make_actor(person.tenant, "administrator"), user_id=person.user.id)
    deliver(person.tenant)
    path, _secret = mailed_link(person.user.email)
    assert path.startswith("/password/")
    assert not TOTPDevice.objects.filter(user=person.user).exists()
    assert client.get("/studies/").status_code == 302
    assert Client().post("/sign-in/", {"email": person.user.email, "password": PASSWORD}).status_code == 422


def test_a_reset_is_in_the_audit_log_of_each_tenant_of_the_person() -> None:
    person, elsewhere = make_person(make_tenant(), "technician"), make_tenant()
    services.create_member(tenant_id=elsewhere.id, email=person.user.email, name="P", roles=["owner"])
    services.reset_factor(actor=make_actor(person.tenant, "administrator"), user_id=person.user.id)
    assert "factor.reset" in actions(person.tenant)
    assert "factor.reset" in actions(elsewhere)


def test_a_technician_resets_nobody() -> None:
    person = make_person(make_tenant(), "technician")
    with pytest.raises(ForbiddenError):
        services.reset_factor(actor=make_actor(person.tenant, "technician"), user_id=person.user.id)


def test_somebody_of_another_tenant_is_absent() -> None:
    person = make_person(make_tenant(), "technician")
    with pytest.raises(NotFoundError):
        services.reset_factor(actor=make_actor(make_tenant(), "owner"), user_id=person.user.id)


def test_an_administrator_does_not_reset_an_owner() -> None:
    person = make_person(make_tenant(), "owner")
    with pytest.raises(OwnersOnlyError):
        services.reset_factor(actor=make_actor(person.tenant, "administrator"), user_id=person.user.id)


def test_nobody_resets_himself() -> None:
    tenant = make_tenant()
    person = make_person(tenant, "administrator")
    with pytest.raises(OwnAccountError):
        services.reset_factor(actor=actor_of(tenant, person.user, ["administrator"]), user_id=person.user.id)


# --- roles ------------------------------------------------------------------------------------------------------------


def test_a_change_of_roles_ends_all_sessions(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    person = make_person(make_tenant(), "technician")
    sign_in_by_hand(person)
    with django_capture_on_commit_callbacks(execute=True):
        services.change_member(
            actor=make_actor(person.tenant, "administrator"), user_id=person.user.id, roles=["dentist"], site_ids=[]
        )
    assert not SignIn.objects.filter(user=person.user).exists()


def test_the_last_owner_stays() -> None:
    tenant = make_tenant()
    last, former = make_member(tenant, "owner"), make_actor(tenant, "owner")
    services.change_member(actor=actor_of(tenant, last, ["owner"]), user_id=former.id, roles=["dentist"], site_ids=[])
    with pytest.raises(LastOwnerError):
        services.deactivate_member(actor=former, user_id=last.id)
