"""The pages of a link, as browsers, scanners and members meet them."""

import logging

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit import selectors as audit
from common.ids import uuid7
from common.scope import tenant_scope
from sharing import services
from tests.factories.cast import make_actor, make_tenant
from tests.factories.sharing import (
    PATIENT_NAME,
    RECIPIENT,
    Shared,
    change_link,
    count_sessions,
    destroy_studies,
    link_row,
    make_study,
    newest_code,
    share,
    sign_in,
    walk_in,
    wrong,
)

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def traces(link: Shared) -> tuple[int, int, int, int, int]:
    row = link_row(link)
    return (row.used_sessions, row.used_downloads, row.sent_codes, row.failures, count_sessions(link))


# --- the landing page -------------------------------------------------------------------------------------------------


@pytest.mark.req("X-10")
@pytest.mark.parametrize("address", ["", "/code", "/open", "/resend"])
def test_get_and_head_use_nothing_up(client: Client, address: str) -> None:
    link = share()
    sent = len(mail.outbox)
    client.get(f"/s/{link.link_id}{address}")
    client.head(f"/s/{link.link_id}{address}")
    assert traces(link) == (0, 0, 0, 0, 0)
    assert len(mail.outbox) == sent


@pytest.mark.req("X-10")
def test_a_scanner_that_follows_the_whole_link_a_hundred_times_uses_nothing_up(client: Client) -> None:
    link = share()
    answers = {client.get(f"/s/{link.link_id}").status_code for _ in range(100)}
    assert answers == {200}
    assert traces(link) == (0, 0, 0, 0, 0)


def test_the_landing_page_reads_nothing_and_is_the_same_for_every_link(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    link, unknown = share(), uuid7()
    with django_assert_num_queries(0):
        pages = [client.get(f"/s/{one}") for one in (link.link_id, unknown)]
    known_text = text(pages[0]).replace(str(link.link_id), str(unknown))
    assert strip_token(known_text) == strip_token(text(pages[1]))


def strip_token(page: str) -> list[str]:
    """Leave out what differs between any two pages: tokens, and where a change of language comes back to."""
    different = ("csrfmiddlewaretoken", "nonce=", 'name="next"')
    return [line for line in page.splitlines() if not any(words in line for words in different)]


@pytest.mark.req("X-10")
def test_the_landing_page_says_nothing_about_anybody(client: Client) -> None:
    link = share()
    page = text(client.get(f"/s/{link.link_id}"))
    assert not any(word in page for word in ("Mustermann", "MRN-", RECIPIENT, link.tenant.name, link.secret))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("X-Robots-Tag", "noindex, nofollow"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ],
)
@pytest.mark.parametrize("address", ["/s/{link_id}", "/s/studies/"])
def test_pages_of_a_link_are_kept_and_framed_nowhere(client: Client, address: str, header: str, value: str) -> None:
    link = share()
    walk_in(client, link)
    assert value in client.get(address.format(link_id=link.link_id))[header]


def test_scripts_come_from_the_portal_only(client: Client) -> None:
    policy = client.get(f"/s/{uuid7()}")["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


# --- secret and code --------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-04")
@pytest.mark.req("CARD-03")
def test_a_recipient_gets_from_the_link_to_the_images_without_an_account(client: Client) -> None:
    link = share()
    asked = client.post(f"/s/{link.link_id}/open", {"secret": link.secret})
    entered = client.post(asked["Location"], {"code": newest_code()})
    page = text(client.get(entered["Location"]))
    assert entered["Location"] == "/s/studies/"
    assert PATIENT_NAME in page
    assert f"/viewer/{link.study_ids[0]}/" in page


def test_a_person_without_scripts_may_paste_the_whole_link(client: Client) -> None:
    link = share()
    asked = client.post(f"/s/{link.link_id}/open", {"secret": f" https://host/s/{link.link_id}#{link.secret} "})
    assert asked["Location"] == f"/s/{link.link_id}/code"


def test_spaces_in_a_code_do_not_matter(client: Client) -> None:
    link = share()
    client.post(f"/s/{link.link_id}/open", {"secret": link.secret})
    code = newest_code()
    assert client.post(f"/s/{link.link_id}/code", {"code": f" {code[:4]} {code[4:]} "}).status_code == 302


def test_the_code_page_shows_where_the_code_went_without_the_address(client: Client) -> None:
    link = share()
    client.post(f"/s/{link.link_id}/open", {"secret": link.secret})
    page = text(client.get(f"/s/{link.link_id}/code"))
    assert "r•••@practice.example" in page
    assert RECIPIENT not in page


def test_another_browser_has_no_code_page(client: Client) -> None:
    link = share()
    client.post(f"/s/{link.link_id}/open", {"secret": link.secret})
    other = Client()
    assert other.get(f"/s/{link.link_id}/code").status_code == 404
    assert other.post(f"/s/{link.link_id}/code", {"code": newest_code()}).status_code == 404
    assert count_sessions(link) == 0


def test_a_wrong_code_can_be_typed_again(client: Client) -> None:
    link = share()
    client.post(f"/s/{link.link_id}/open", {"secret": link.secret})
    code = newest_code()
    refused = client.post(f"/s/{link.link_id}/code", {"code": wrong(code)})
    assert refused.status_code == 422
    assert "not valid" in text(refused)
    assert client.post(f"/s/{link.link_id}/code", {"code": code}).status_code == 302


def test_a_new_code_goes_to_the_same_browser(client: Client) -> None:
    link = share()
    client.post(f"/s/{link.link_id}/open", {"secret": link.secret})
    assert client.post(f"/s/{link.link_id}/resend")["Location"] == f"/s/{link.link_id}/code"
    assert client.post(f"/s/{link.link_id}/code", {"code": newest_code()}).status_code == 302


def test_wrong_secret_and_unknown_link_look_alike(client: Client) -> None:
    link = share()
    mistaken = client.post(f"/s/{link.link_id}/open", {"secret": "x" * 43})
    unknown = client.post(f"/s/{uuid7()}/open", {"secret": "x" * 43})
    assert mistaken.status_code == unknown.status_code == 404
    assert strip_token(text(mistaken)) == strip_token(text(unknown))


def test_every_post_needs_the_token_of_its_form() -> None:
    link = share()
    strict = Client(enforce_csrf_checks=True)
    addresses = [f"/s/{link.link_id}/{verb}" for verb in ("open", "code", "resend")]
    addresses += ["/s/end", f"/studies/{link.study_ids[0]}/share/", f"/shares/{link.link_id}/revoke/"]
    assert {strict.post(address).status_code for address in addresses} == {403}


@pytest.mark.req("X-10")
def test_neither_address_nor_log_holds_secret_or_patient(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        link = share()
        asked = client.post(f"/s/{link.link_id}/open", {"secret": link.secret})
        entered = client.post(asked["Location"], {"code": newest_code()})
        client.get(entered["Location"])
    seen = f"{asked['Location']} {entered['Location']} {caplog.text}"
    assert not any(word in seen for word in (link.secret, "Mustermann", "MRN-", RECIPIENT, "2.25."))


# --- the guest's page -------------------------------------------------------------------------------------------------


def test_the_cookie_of_a_guest_is_out_of_reach_of_scripts_and_other_sites(client: Client) -> None:
    walk_in(client, share())
    cookie = client.cookies["bitewing-guest"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert cookie["max-age"] == 8 * 3600


@pytest.mark.req("PA-09")
def test_links_of_several_practices_are_on_one_page(client: Client) -> None:
    first, second = share(make_tenant("North")), share(make_tenant("South"))
    walk_in(walk_in(client, first), second)
    page = text(client.get("/s/studies/"))
    assert all(word in page for word in ("North", "South", str(first.study_ids[0]), str(second.study_ids[0])))


def test_the_same_link_again_replaces_its_session(client: Client) -> None:
    link = share()
    walk_in(walk_in(client, link), link)
    assert len(client.cookies["bitewing-guest"].value.split("~")) == 1
    assert link_row(link).used_sessions == 2


def test_what_the_link_does_not_allow_is_not_offered(client: Client) -> None:
    walk_in(client, share(rights=frozenset({"view"})))
    page = text(client.get("/s/studies/"))
    assert "/archive" not in page
    assert "report" not in page.lower().replace("reported", "")


def test_what_the_link_allows_is_offered(client: Client) -> None:
    link = share(rights=frozenset({"view", "download_dicom"}))
    walk_in(client, link)
    assert f"/studies/{link.study_ids[0]}/archive" in text(client.get("/s/studies/"))


def test_names_are_shown_after_the_showing_is_recorded(client: Client) -> None:
    link = share()
    walk_in(client, link)
    client.get("/s/studies/")
    with tenant_scope(link.tenant.id):
        newest = audit.list_events(audit.Filter(study_id=link.study_ids[0]))[0]
    assert (newest.action, newest.actor_id, newest.detail["purpose"]) == ("study.opened", link.link_id, "list")


def test_without_a_session_the_page_shows_nothing(client: Client) -> None:
    share()
    assert client.get("/s/studies/").status_code == 404


def test_after_a_revocation_the_page_shows_nothing(client: Client) -> None:
    link = share()
    walk_in(client, link)
    services.revoke_link(actor=link.sender, link_id=link.link_id)
    assert client.get("/s/studies/").status_code == 404


def test_leaving_ends_the_session_and_empties_the_browser(client: Client) -> None:
    link = share()
    walk_in(client, link)
    kept = client.cookies["bitewing-guest"].value
    left = client.post("/s/end")
    client.cookies["bitewing-guest"] = kept
    assert left["Clear-Site-Data"] == '"cache", "storage"'
    assert left.cookies["bitewing-guest"]["max-age"] == 0
    assert client.get("/s/studies/").status_code == 404


def test_a_guest_cannot_share_or_revoke(client: Client) -> None:
    link = share()
    walk_in(client, link)
    assert client.post(f"/studies/{link.study_ids[0]}/share/", {"email": "x@example.org"}).status_code == 403
    assert client.post(f"/shares/{link.link_id}/revoke/").status_code == 404


# --- members ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("CARD-03")
def test_a_member_makes_a_link_and_sees_it_once(client: Client) -> None:
    tenant = make_tenant()
    study = make_study(tenant)
    sign_in(client, make_actor(tenant, "technician"))
    page = text(client.post(f"/studies/{study.id}/share/", {"email": RECIPIENT}))
    url = str(mail.outbox[-1].body).partition("http")[2].split()[0]
    assert f"http{url}" in page
    assert f"http{url}" not in text(client.get(f"/studies/{study.id}/share/"))


def test_the_form_says_what_is_wrong(client: Client) -> None:
    tenant = make_tenant()
    study = make_study(tenant)
    sign_in(client, make_actor(tenant, "technician"))
    refused = client.post(f"/studies/{study.id}/share/", {"email": RECIPIENT, "days": "91"})
    assert refused.status_code == 422
    assert "90" in text(refused)


def test_a_study_in_doubt_cannot_be_shared(client: Client) -> None:
    tenant = make_tenant()
    study = make_study(tenant, conflict="name")
    sign_in(client, make_actor(tenant, "technician"))
    assert client.post(f"/studies/{study.id}/share/", {"email": RECIPIENT}).status_code == 409


def test_the_study_of_another_tenant_cannot_be_shared(client: Client) -> None:
    study = make_study(make_tenant())
    sign_in(client, make_actor(make_tenant(), "owner"))
    assert client.post(f"/studies/{study.id}/share/", {"email": RECIPIENT}).status_code == 404


def test_a_member_without_the_right_is_told_so(client: Client) -> None:
    tenant = make_tenant()
    study = make_study(tenant)
    sign_in(client, make_actor(tenant, "assistant"))
    assert client.get(f"/studies/{study.id}/share/").status_code == 403


def test_a_stranger_signs_in_first(client: Client) -> None:
    link = share()
    assert client.get(f"/studies/{link.study_ids[0]}/share/")["Location"].startswith("/sign-in/")


def test_revoking_leads_back_to_the_study(client: Client) -> None:
    link = share()
    sign_in(client, link.sender)
    answer = client.post(f"/shares/{link.link_id}/revoke/")
    assert answer["Location"] == f"/studies/{link.study_ids[0]}/"
    assert link_row(link).revoked_at is not None


def test_a_link_whose_studies_were_destroyed_is_revoked(client: Client) -> None:
    link = share()
    destroy_studies(link)
    sign_in(client, link.sender)
    answer = client.post(f"/shares/{link.link_id}/revoke/")
    assert answer["Location"] == "/studies/"
    assert link_row(link).revoked_at is not None


def test_the_link_of_another_tenant_cannot_be_revoked(client: Client) -> None:
    link = share()
    sign_in(client, make_actor(make_tenant(), "owner"))
    assert client.post(f"/shares/{link.link_id}/revoke/").status_code == 404
    assert link_row(link).revoked_at is None


def test_when_the_mail_fails_the_page_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make_tenant()
    study = make_study(tenant)
    sign_in(client, make_actor(tenant, "technician"))
    monkeypatch.setattr("common.mail.send", lambda **_: (_ for _ in ()).throw(ConnectionRefusedError()))
    page = text(client.post(f"/studies/{study.id}/share/", {"email": RECIPIENT}))
    assert "could not be sent" in page


def test_a_link_locked_in_another_process_is_closed_here(client: Client) -> None:
    link = share()
    walk_in(client, link)
    change_link(link, locked_at=link_row(link).created_at)
    assert client.post(f"/s/{link.link_id}/open", {"secret": link.secret}).status_code == 404
