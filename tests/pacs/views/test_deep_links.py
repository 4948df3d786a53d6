"""Links from a practice program: the number never stands in an address, and a link opens nothing by itself."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Tenant
from pacs import deep_links
from pacs.deep_links import Wanted
from tests.factories.rows import make_row

pytestmark = [pytest.mark.django_db, pytest.mark.req("PA-24")]
Enter = Callable[[str], Client]


def link_to(**number: str) -> Any:
    """Post a number as a program does: without a session, a token or a mark of our forms."""
    return Client(enforce_csrf_checks=True).post("/studies/open/", number)["Location"]


@pytest.mark.parametrize("number", [{"accession_number": "ACC-9"}, {"patient_id": "PID-9"}], ids=str)
def test_a_number_leads_to_its_study(tenant: Tenant, enter: Enter, number: dict[str, str]) -> None:
    study = make_row(tenant.id, accession_number="ACC-9", dicom_patient_id="PID-9")
    make_row(tenant.id, accession_number="ACC-99", dicom_patient_id="PID-99")

    assert enter("dentist").get(link_to(**number))["Location"] == f"/studies/{study.id}/"


def test_the_number_does_not_stand_in_the_address() -> None:
    address = link_to(patient_id="PID-123456")

    assert "PID-123456" not in address
    assert address != link_to(patient_id="PID-123456")


def test_several_studies_of_a_number_are_listed(tenant: Tenant, enter: Enter) -> None:
    for name in ("First^A", "Second^B"):
        make_row(tenant.id, name=name, dicom_patient_id="PID-9")
    page = enter("dentist").get(link_to(patient_id="PID-9")).content.decode()

    assert "First, A" in page
    assert "Second, B" in page


def test_a_number_of_which_nothing_came_yet_is_told(enter: Enter) -> None:
    answer = enter("dentist").get(link_to(patient_id="PID-9"))

    assert answer.status_code == 404


@pytest.mark.req("PA-06")
def test_a_link_finds_what_the_reader_s_own_centre_has(tenant: Tenant, stranger: Client) -> None:
    make_row(tenant.id, dicom_patient_id="PID-9")

    assert stranger.get(link_to(patient_id="PID-9")).status_code == 404


@pytest.mark.req("PA-06")
def test_a_link_alone_leads_to_the_sign_in(tenant: Tenant, client: Client) -> None:
    make_row(tenant.id, dicom_patient_id="PID-9")

    assert client.get(link_to(patient_id="PID-9"))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"patient_id": ""},
        {"patient_id": "x" * 65},
        {"patient_id": "x\0"},
        {"patient_id": "1", "accession_number": "2"},
    ],
    ids=str,
)
def test_what_is_not_one_number_is_refused(client: Client, data: dict[str, str]) -> None:
    assert client.post("/studies/open/", data).status_code == 400


@pytest.mark.parametrize("token", ["x", "A" * 80, "A" * 2000, "%00", "ü"])
def test_a_token_that_is_not_ours_leads_nowhere(enter: Enter, token: str) -> None:
    assert enter("dentist").get(f"/studies/open/{token}/").status_code == 404


def test_a_changed_token_is_noticed() -> None:
    token = deep_links.seal(Wanted("patient_id", "PID-9"))
    changed = token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB")

    assert deep_links.unseal(token) == Wanted("patient_id", "PID-9")
    assert deep_links.unseal(changed) is None


def test_a_token_holds_for_half_a_day(frozen_time: time_machine.Traveller) -> None:
    token = deep_links.seal(Wanted("patient_id", "PID-9"))
    frozen_time.shift(12 * 3600 + 1)

    assert deep_links.unseal(token) is None
