"""The language that is begun: German says everything of the main flows, and says it on the page."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.models import Tenant
from common.clock import now
from sharing import mails
from sharing.selectors import Sender
from tests.contracts.house import PACKAGES, ROOT, files
from tests.factories.browsers import browser_of
from tests.factories.cast import choose_german, make_actor, make_tenant
from tests.factories.studies import make_study
from tooling.translations import extract
from tooling.translations.__main__ import compile_catalogue

CATALOGUE = ROOT / "locale/de/LC_MESSAGES/django.po"
# HIPAA is a law of the United States: whoever works by it reads English.
ENGLISH = "compliance"
# What only programs and the terminals of operators are told.
TERMINALS = ("pacs/dicomweb/", "pacs/dimse/gateway/", "pacs/dimse/listener.py", "config/backup/")
# Whose refusals say in their details, to people, what to do; elsewhere details are for programs, devices and logs.
EXPLAINING = (
    *("accounts/", "audit/services/witnesses.py", "common/buckets.py", "common/outgoing.py", "inference/policy.py"),
    *("pacs/appointments/csv_file.py", "pacs/appointments/plans.py", "pacs/appointments/services.py"),
    *("pacs/changes/hooks.py", "pacs/dicom/pictures.py", "pacs/dimse/peers.py", "pacs/services/", "pacs/views/"),
    *("sharing/services/sharing.py", "sharing/views.py", "sharing/passkey_views.py"),
)


@pytest.fixture(scope="module")
def german() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="de", domain="django")


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    compile_catalogue(CATALOGUE)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def ask(path: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(path, headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_text_is_in_the_catalogue(german: Catalog) -> None:
    spoken = [path.relative_to(ROOT) for path in files() if path.suffix in {".py", ".html", ".txt"}]
    lacking = {
        str(path): [message for message in extract.of_file(ROOT / path) if not german.get(message[0])]
        for path in spoken
        if path.parts[0] in {"templates", *PACKAGES} and ENGLISH not in path.parts
    }

    assert {path: messages for path, messages in lacking.items() if messages} == {}


def test_every_refusal_that_a_person_may_read_is_in_the_catalogue(german: Catalog) -> None:
    modules = [path.relative_to(ROOT) for path in files() if path.suffix == ".py"]
    told = [path for path in modules if path.parts[0] in set(PACKAGES) - {ENGLISH} and not is_of(path, TERMINALS)]
    lacking = {
        str(path): [
            message
            for message in extract.of_refusals((ROOT / path).read_text(), with_details=is_of(path, EXPLAINING))
            if not german.get(message[0])
        ]
        for path in told
    }

    assert len(told) > 500
    assert {path: messages for path, messages in lacking.items() if messages} == {}


def is_of(path: Path, places: tuple[str, ...]) -> bool:
    return str(path).startswith(places)


def forms_of(message: Message) -> list[str]:
    """Return the translation of a message, or of its singular and plural."""
    return [message.string] if isinstance(message.string, str) else [str(form) for form in message.string or ("",)]


def test_every_message_is_translated_with_the_same_placeholders(german: Catalog) -> None:
    wrong = [(message.id, str(error)) for message in german for error in message.check(german)]
    empty = [message.id for message in german if not all(forms_of(message))]

    assert (wrong, empty) == ([], [])


def test_braces_that_scripts_fill_are_kept(german: Catalog) -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"\{\w+\}", text))

    single = [message for message in german if isinstance(message.id, str)]
    wrong = [message.id for message in single if names(str(message.id)) != names(forms_of(message)[0])]

    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Ihre Bilder bleiben Ihre."),
        ("/sign-in/", "Passwort vergessen?"),
        ("/p/", "Ihre Praxis hat Ihnen ein Papier"),
    ],
)
def test_a_stranger_is_answered_as_the_browser_asks(path: str, words: str) -> None:
    page = ask(path)

    assert words in page
    assert '<html\n  lang="de"' in page


@pytest.mark.django_db
def test_staff_read_their_pages_in_german(tenant: Tenant) -> None:
    study = make_study(tenant.id, "german", 1)
    client = browser_of(make_actor(tenant, "owner"))

    pages = [ask(path, client) for path in ("/studies/", f"/studies/{study.id}/", "/studies/upload/")]

    assert [
        words in page
        for words, page in zip(("1 Studie auf dieser Seite", "Noch kein Befund", "Ordner wählen"), pages, strict=True)
    ] == [True, True, True]


@pytest.mark.django_db
def test_a_tenant_speaks_its_language_with_staff_who_chose_none(tenant: Tenant) -> None:
    owner = make_actor(tenant, "owner")
    client = browser_of(owner)
    choose_german(tenant)

    before = client.get("/studies/").content.decode()
    client.post("/language/", {"language": "en", "next": "/studies/"})
    after = client.get("/studies/").content.decode()

    assert ("Arbeitsliste" in before, "Arbeitsliste" in after) == (True, False)


@pytest.mark.django_db
def test_who_is_refused_reads_why_in_the_language_of_the_page(tenant: Tenant) -> None:
    client = browser_of(make_actor(tenant, "owner"))
    choose_german(tenant)

    page = client.post("/studies/bulk/", {})
    forms = [client.post("/sites/", {"name": "Seeufer"}) for _ in range(2)]

    assert page.status_code == 400
    for said in ("400", "Die Anfrage ist nicht verständlich.", "Wählen Sie 1 bis 200 Studien"):
        assert re.search(rf"<(p|h1)[^>]*>{said}", page.content.decode()), said
    assert [form.status_code for form in forms] == [302, 422]
    assert "Es gibt bereits einen Standort mit diesem Namen." in forms[1].content.decode()


@pytest.mark.django_db
def test_choosing_a_language_leads_back_and_nowhere_else() -> None:
    client = Client()

    answers = [client.post("/language/", {"language": "de", "next": to}) for to in ("/p/", "https://evil.example/")]

    assert [answer["Location"] for answer in answers] == ["/p/", "/"]
    assert "Ihre Praxis hat Ihnen ein Papier" in client.get("/p/").content.decode()


@pytest.mark.django_db
def test_programs_are_answered_in_english() -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    client.get("/sign-in/")

    answer = client.get("/dicom-web/studies")

    assert answer.json()["title"] == "Sign in first."


@pytest.mark.django_db
def test_mails_are_in_the_language_of_the_tenant(tenant: Tenant) -> None:
    choose_german(tenant)
    sender = Sender(
        name="",
        is_patient=True,
        email="",
        recipient="",
        recipient_hint="",
        study_ids=(),
        expires_at=now() + timedelta(days=1),
    )

    mails.send_link(tenant_id=tenant.id, to="dentist@example.org", url="https://portal.example/s/1", sender=sender)

    (sent,) = mail.outbox
    assert sent.subject == f"{tenant.name} gibt Bilder für Sie frei"
    assert sent.body.startswith("Eine Patientin oder ein Patient von")
