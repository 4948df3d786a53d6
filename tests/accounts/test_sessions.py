"""Sessions: listed, ended, timed out."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from accounts import selectors, services
from accounts.models import SignIn, Tenant
from common.ids import uuid7
from tests.factories.cast import CHOICES, make_actor, make_tenant
from tests.factories.people import PASSWORD, Person, actions, make_person, sign_in_by_hand

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.fixture
def person() -> Person:
    return make_person(make_tenant(), "technician")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-10-02 09:00:00+00:00", tick=False) as traveller:
        yield traveller


def choose_times(tenant: Tenant, *, idle_minutes: int, absolute_hours: int) -> None:
    choices = replace(CHOICES, idle_minutes=idle_minutes, absolute_hours=absolute_hours)
    services.change_settings(actor=make_actor(tenant, "owner"), time_zone="UTC", choices=choices)


def is_in(client: Client) -> bool:
    selectors.forget()
    return client.get("/account/").status_code == 200


# --- the list ---------------------------------------------------------------------------------------------------------


def test_a_person_sees_each_device_where_it_is_and_which_one_this_is(person: Person) -> None:
    sign_in_by_hand(person, user_agent=SAFARI)
    page = sign_in_by_hand(person, user_agent=FIREFOX).get("/account/").content.decode()
    assert "Firefox · Windows" in page
    assert "Safari · iPhone" in page
    assert "127.0.0.1" in page
    assert page.count("this one") == 1


@pytest.mark.req("PA-06")
def test_ending_another_session_stops_it_at_once(person: Person) -> None:
    other, client = sign_in_by_hand(person), sign_in_by_hand(person)
    row = SignIn.objects.get(session_key=other.session.session_key)
    client.post(f"/account/sessions/{row.id}/end/")
    assert not is_in(other)
    assert is_in(client)
    assert actions(person.tenant)[-1] == "session.ended"


def test_ending_all_others_leaves_this_one(person: Person) -> None:
    others, client = [sign_in_by_hand(person) for _ in range(3)], sign_in_by_hand(person)
    client.post("/account/sessions/end/")
    assert [is_in(other) for other in others] == [False, False, False]
    assert is_in(client)


def test_a_session_of_somebody_else_is_absent(person: Person) -> None:
    stranger = make_person(person.tenant, "owner")
    sign_in_by_hand(person)
    row = SignIn.objects.get(user=person.user)
    assert sign_in_by_hand(stranger).post(f"/account/sessions/{row.id}/end/").status_code == 404
    assert SignIn.objects.filter(id=row.id).exists()


def test_an_unknown_session_is_absent(person: Person) -> None:
    assert sign_in_by_hand(person).post(f"/account/sessions/{uuid7()}/end/").status_code == 404


def test_signing_out_strikes_the_session_off_the_list(person: Person) -> None:
    sign_in_by_hand(person).post("/sign-out/")
    assert not SignIn.objects.exists()


def test_signing_in_again_in_one_browser_leaves_one_session_on_the_list(person: Person) -> None:
    client = sign_in_by_hand(person)
    client.post("/sign-in/", {"email": person.user.email, "password": PASSWORD})
    client.post("/sign-in/code/", {"code": person.code()})
    assert SignIn.objects.get().session_key == client.session.session_key


def test_whoever_signs_in_next_in_a_browser_ends_the_session_before(person: Person) -> None:
    client, other = sign_in_by_hand(person), make_person(person.tenant, "technician")
    client.post("/sign-in/", {"email": other.user.email, "password": PASSWORD})
    assert not SignIn.objects.exists()


def test_a_token_has_no_account(person: Person) -> None:
    token = services.create_token(actor=make_actor(person.tenant, "owner"), name="t", scopes=["api.read"])
    assert Client(headers={"Authorization": f"Bearer {token}"}).get("/account/").status_code == 302


# --- time-outs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "expected"), [(14, True), (16, False)])
def test_after_a_quarter_of_an_hour_without_input_a_session_ends(
    person: Person, clock: time_machine.Traveller, minutes: int, expected: bool
) -> None:
    client = sign_in_by_hand(person)
    clock.shift(minutes * 60)
    assert is_in(client) is expected


@pytest.mark.parametrize(("idle", "minutes", "expected"), [(5, 6, False), (30, 29, True)])
def test_a_tenant_chooses_how_long_nothing_may_happen(
    person: Person, clock: time_machine.Traveller, idle: int, minutes: int, expected: bool
) -> None:
    choose_times(person.tenant, idle_minutes=idle, absolute_hours=12)
    client = sign_in_by_hand(person)
    clock.shift(minutes * 60)
    assert is_in(client) is expected


@pytest.mark.parametrize(("hours", "expected"), [(1, False), (12, True)])
def test_a_tenant_chooses_after_how_many_hours_everybody_signs_in_anew(
    person: Person, clock: time_machine.Traveller, hours: int, expected: bool
) -> None:
    choose_times(person.tenant, idle_minutes=30, absolute_hours=hours)
    client = sign_in_by_hand(person)
    for _ in range(4):
        clock.shift(20 * 60)
        client.get("/account/")
    assert is_in(client) is expected


def test_a_page_that_asks_by_itself_keeps_no_session_alive(person: Person, clock: time_machine.Traveller) -> None:
    client = sign_in_by_hand(person)
    for _ in range(3):
        clock.shift(6 * 60)
        client.get("/account/", headers={"Sec-Fetch-Mode": "cors"})
    assert not is_in(client)


def test_a_person_who_only_scrolls_stays_signed_in(person: Person, clock: time_machine.Traveller) -> None:
    client = sign_in_by_hand(person)
    for _ in range(3):
        clock.shift(6 * 60)
        assert client.post("/account/here/", headers={"Sec-Fetch-Mode": "cors"}).status_code == 204
    assert is_in(client)


def test_when_a_session_timed_out_it_is_gone_from_the_list(person: Person, clock: time_machine.Traveller) -> None:
    client = sign_in_by_hand(person)
    clock.shift(16 * 60)
    is_in(client)
    assert not SignIn.objects.exists()


def test_what_no_session_outlives_is_swept(person: Person, clock: time_machine.Traveller) -> None:
    sign_in_by_hand(person)
    clock.shift(13 * 3600)
    services.purge()
    assert not SignIn.objects.exists()


# --- several tenants --------------------------------------------------------------------------------------------------


def test_a_person_of_two_tenants_begins_where_the_last_session_was(person: Person) -> None:
    other = make_tenant()
    services.create_member(tenant_id=other.id, email=person.user.email, name="P", roles=["owner"])
    client = sign_in_by_hand(person)
    client.post("/tenant/", {"tenant": str(other.id)})
    assert sign_in_by_hand(person).session["tenant_id"] == str(other.id)


def test_the_menu_offers_the_other_tenants(person: Person) -> None:
    other = make_tenant("Second House")
    services.create_member(tenant_id=other.id, email=person.user.email, name="P", roles=["owner"])
    assert "Work in Second House" in sign_in_by_hand(person).get("/account/").content.decode()


def test_a_person_deactivated_here_begins_elsewhere(person: Person) -> None:
    other = make_tenant()
    services.create_member(tenant_id=other.id, email=person.user.email, name="P", roles=["owner"])
    sign_in_by_hand(person)
    services.deactivate_member(actor=make_actor(person.tenant, "owner"), user_id=person.user.id)
    assert sign_in_by_hand(person).session["tenant_id"] == str(other.id)


def test_a_browser_without_a_name_is_an_unknown_device(person: Person) -> None:
    assert "Unknown device" in sign_in_by_hand(person).get("/account/").content.decode()


def test_a_cookie_that_is_no_key_begins_anew(client: Client) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "aaaaaaaaaa\0bbbb"

    assert client.get("/account/").status_code == 302
