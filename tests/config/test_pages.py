"""The front door, the frame of the pages, and what is answered when there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver
from pytest_django import Settings
from structlog.testing import capture_logs

from accounts import services as accounts
from accounts.models import Tenant
from common.logs import ALLOWED_KEYS
from config.demo import cast, seed
from config.pages import errors
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_tenant
from tests.factories.rows import make_row
from tests.factories.sharing import share, walk_in

pytestmark = pytest.mark.django_db
Handler = Callable[[HttpRequest, Exception], HttpResponse]
ROOT = Path(__file__).resolve().parents[2]


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


# --- the front door ---------------------------------------------------------------------------------------------------


@pytest.mark.req("CARD-01")
def test_the_frame_has_the_folders_that_the_card_names() -> None:
    folders = ("pacs", "compliance", "inference", "templates", "static", "tests", "docker")

    assert all((ROOT / folder).is_dir() for folder in folders)


@pytest.mark.req("CARD-01")
def test_the_pages_of_every_package_are_reachable() -> None:
    namespaces = set(get_resolver().namespace_dict)

    assert {"pacs", "sharing", "accounts", "audit", "demo"} <= namespaces


def test_a_stranger_is_told_what_this_is(client: Client) -> None:
    answer = client.get("/")

    assert answer.status_code == 200
    assert "Your images stay yours." in text(answer)


def test_staff_are_led_to_first_steps_then_to_the_worklist_and_guests_to_their_studies(
    tenant: Tenant, client: Client
) -> None:
    dentist = enter_as(tenant, "dentist")
    assert dentist.get("/")["Location"] == "/first-steps/"
    make_row(tenant.id)
    assert dentist.get("/")["Location"] == "/studies/"
    assert walk_in(client, share(tenant)).get("/")["Location"] == "/s/studies/"


@pytest.mark.parametrize("role", ["compliance_officer", "auditor"])
def test_who_opens_no_studies_begins_with_compliance(tenant: Tenant, role: str) -> None:
    make_row(tenant.id)

    assert enter_as(tenant, role).get("/")["Location"] == "/compliance/"


# --- the frame --------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
@pytest.mark.parametrize(
    ("role", "entries"),
    [
        ("owner", ["Worklist", "Upload", "Schedule", "In doubt", "Quarantine", "Compliance", "Access log"]),
        ("technician", ["Worklist", "Upload", "Schedule", "In doubt", "Quarantine"]),
        ("dentist", ["Worklist", "Schedule"]),
        ("auditor", ["Worklist", "Compliance", "Access log"]),
    ],
)
def test_the_navigation_offers_what_a_role_may_do(tenant: Tenant, role: str, entries: list[str]) -> None:
    answer = enter_as(tenant, role).get("/studies/")

    assert [entry.label for entry in answer.context["chrome"]["nav"].entries] == entries


@pytest.mark.parametrize(
    ("role", "strip", "more"),
    [
        ("owner", ["Worklist", "Upload", "Schedule"], ["In doubt", "Quarantine", "Compliance", "Access log"]),
        ("technician", ["Worklist", "Upload", "Schedule"], ["In doubt", "Quarantine"]),
        ("compliance_officer", ["Worklist", "Compliance", "Access log"], []),
        ("dentist", ["Worklist", "Schedule"], []),
    ],
)
def test_a_phone_shows_what_fits_and_the_rest_at_one_press(
    tenant: Tenant, role: str, strip: list[str], more: list[str]
) -> None:
    answer = enter_as(tenant, role).get("/studies/")
    nav = answer.context["chrome"]["nav"]

    assert ([entry.label for entry in nav.strip], [entry.label for entry in nav.more]) == (strip, more)
    assert ('popovertarget="more-pages"' in text(answer)) is bool(more)


def test_longer_words_leave_fewer_entries_in_the_strip_of_a_phone(tenant: Tenant) -> None:
    answer = enter_as(tenant, "owner").get("/studies/", headers={"Accept-Language": "de"})

    assert [entry.label for entry in answer.context["chrome"]["nav"].strip] == ["Arbeitsliste", "Hochladen"]


def test_the_button_for_more_pages_says_that_the_present_one_is_among_them(tenant: Tenant) -> None:
    owner = enter_as(tenant, "owner")

    assert ["data-holds-current" in text(owner.get(path)) for path in ("/studies/", "/audit/")] == [False, True]


@pytest.mark.parametrize(
    ("role", "groups"),
    [
        (
            "owner",
            {
                "Practice": ["People", "Sites", "Address book", "Settings"],
                "Technology": ["DICOM devices", "Networks", "API tokens", "Webhooks"],
                "Safety": ["My questions", "Keys and backups", "Emergency access"],
            },
        ),
        ("radiologist", {"Practice": ["Address book"], "Technology": ["Networks"], "Safety": ["My questions"]}),
    ],
)
def test_the_menu_of_a_person_has_what_they_may_do_in_groups(
    tenant: Tenant, role: str, groups: dict[str, list[str]]
) -> None:
    menu = enter_as(tenant, role).get("/studies/").context["chrome"]["menu"]

    assert {group.label: [entry.label for entry in group.entries] for group in menu} == groups


@pytest.mark.parametrize("words", ["it is not certain whose they are", "The file itself is wrong"])
def test_the_menu_explains_the_two_places_of_what_is_held_back(tenant: Tenant, words: str) -> None:
    assert words in text(enter_as(tenant, "technician").get("/studies/"))


def test_the_page_names_the_centre_and_offers_the_others(tenant: Tenant) -> None:
    other, actor = make_tenant("Second Centre"), make_actor(tenant, "owner")
    email = browser_of(actor).get("/studies/").context["request"].user.email
    accounts.create_member(tenant_id=other.id, email=email, name="Person", roles=["dentist"])

    page = text(browser_of(actor).get("/studies/"))

    assert tenant.name in page
    assert "Work in Second Centre" in page


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/studies/", "/audit/"])
def test_nothing_is_kept_by_a_browser_and_no_script_is_inline(tenant: Tenant, address: str) -> None:
    answer = enter_as(tenant, "owner").get(address, follow=True)

    assert answer["Cache-Control"] == "no-store"
    assert "'unsafe" not in answer["Content-Security-Policy"]


# --- no page ----------------------------------------------------------------------------------------------------------


def test_an_address_that_leads_nowhere_is_answered_with_a_page_that_says_what_to_do(client: Client) -> None:
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is nothing here for you" in text(answer)


def test_a_program_gets_a_problem_instead(client: Client) -> None:
    answer = client.get("/api/nothing", headers={"Accept-Language": "de"})

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:bitewing:not-found"
    assert answer.json()["title"] == "There is nothing here for you."


@pytest.mark.parametrize(
    ("handler", "status", "words"),
    [
        (errors.bad_request, 400, "did not understand"),
        (errors.forbidden, 403, "Your role does not allow this"),
        (errors.not_found, 404, "There is nothing here for you"),
    ],
)
def test_each_refusal_has_its_page(rf: RequestFactory, handler: Handler, status: int, words: str) -> None:
    answer = handler(rf.get("/"), Exception("of Petra Phantom"))

    assert answer.status_code == status
    assert words in text(answer)
    assert "Petra" not in text(answer)


@pytest.mark.parametrize(("path", "kind"), [("/", "text/html; charset=utf-8"), ("/api/x", "application/problem+json")])
def test_an_unforeseen_error_is_answered_without_asking_the_database(rf: RequestFactory, path: str, kind: str) -> None:
    answer = errors.unforeseen(rf.get(path))

    assert answer.status_code == 500
    assert answer["Content-Type"] == kind
    assert "on our side" in text(answer)


def test_an_error_in_a_view_shows_nothing_of_itself(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pacs.contexts.worklist.build", lambda **_: 1 / 0)
    browser = enter_as(tenant, "owner")
    browser.raise_request_exception = False

    answer = browser.get("/studies/")

    assert answer.status_code == 500
    assert "ZeroDivision" not in text(answer)


def fails(*_args: object, **_words: object) -> None:
    raise ValueError("of Petra Phantom")


@pytest.mark.parametrize(
    ("part", "address", "route"),
    [
        ("pacs.contexts.worklist.build", "/studies/?name=Phantom", "studies/"),
        ("pacs.dicomweb.qido._search", "/dicom-web/studies?PatientName=Phantom", "dicom-web/studies"),
        ("config.middleware.HeadersMiddleware.__call__", "/studies/?name=Phantom", ""),
    ],
)
def test_an_unforeseen_error_is_noted_without_what_it_was_about(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, part: str, address: str, route: str
) -> None:
    monkeypatch.setattr(part, fails)
    browser = enter_as(tenant, "owner")
    browser.raise_request_exception = False

    with capture_logs() as told:
        assert browser.get(address).status_code == 500

    (line,) = told
    assert set(line) <= ALLOWED_KEYS | {"log_level"}
    assert (line["event"], line["method"], line["route"]) == ("request.failed", "GET", route)
    assert (line["error_type"], line["source"].rpartition(":")[0]) == ("ValueError", f"{__name__}:fails")
    assert "Phantom" not in f"{told}"


# --- operations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/healthz", "/metrics", "/.well-known/security.txt"])
def test_operators_find_what_they_look_for(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


# --- the demo ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/demo/sign-in/", "/demo/sign-in/owner/", "/demo/mail/"])
def test_outside_the_demo_its_pages_do_not_exist(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("person", cast.PEOPLE, ids=lambda person: person.key)
def test_everybody_of_the_cast_signs_in_with_one_press(client: Client, settings: Settings, person: cast.Person) -> None:
    settings.BITEWING_DEMO = True
    seed.seed_people()

    assert f"/demo/sign-in/{person.key}/" in text(client.get("/demo/sign-in/"))
    page = text(client.get(f"/demo/sign-in/{person.key}/", follow=True))
    assert person.name in page
    assert person.tenant in page


def test_the_list_of_the_demo_names_roles_in_words(client: Client, settings: Settings) -> None:
    settings.BITEWING_DEMO = True
    page = text(client.get("/demo/sign-in/"))

    assert "Compliance officer" in page
    assert "compliance_officer" not in page


def test_seeding_twice_changes_nothing(client: Client, settings: Settings) -> None:
    settings.BITEWING_DEMO = True
    seed.seed_people()
    seed.seed_people()

    assert text(client.get("/demo/sign-in/")).count("/demo/sign-in/owner/") == 1


def test_the_mailbox_shows_what_was_sent(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.BITEWING_DEMO = True
    settings.EMAIL_FILE_PATH = str(tmp_path)
    (tmp_path / "1.log").write_text(f"Subject: A link\nTo: r@example.org\n\nOpen it.\n{'-' * 79}\n")

    page = text(client.get("/demo/mail/"))

    assert "A link" in page
    assert "Open it." in page
