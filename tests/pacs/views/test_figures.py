"""Storage and activity, month by month."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Tenant
from audit import services as audit
from common.scope import tenant_scope
from pacs import services
from pacs.models import MonthFigures, Study
from tests.factories.cast import make_actor, make_tenant
from tests.factories.rows import make_row

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
MAX_QUERIES = 12
# The clock of these tests stands at 2026-10-02.
AUGUST, SEPTEMBER = (dt.datetime(2026, month, 15, tzinfo=dt.UTC) for month in (8, 9))


def figures(tenant: Tenant) -> dict[str, tuple[int, int]]:
    """Return studies and bytes of the months in which there is anything."""
    with tenant_scope(tenant.id):
        months = services.months_until_now(tenant.id)
    return {f"{one.month:%Y-%m}": (one.studies, one.size_bytes) for one in months if one.studies}


@pytest.mark.usefixtures("frozen_time")
def test_studies_count_in_the_month_in_which_they_came(tenant: Tenant) -> None:
    make_row(tenant.id, received_at=AUGUST, size_bytes=10)
    make_row(tenant.id, received_at=SEPTEMBER, size_bytes=20)
    make_row(tenant.id, received_at=SEPTEMBER, size_bytes=5)
    make_row(make_tenant().id, received_at=SEPTEMBER)

    assert figures(tenant) == {"2026-09": (2, 25), "2026-08": (1, 10)}


@pytest.mark.usefixtures("frozen_time")
def test_a_closed_month_stays_as_it_was_counted(tenant: Tenant) -> None:
    study = make_row(tenant.id, received_at=SEPTEMBER, size_bytes=20)
    figures(tenant)
    with tenant_scope(tenant.id):
        Study.objects.filter(id=study.id).update(size_bytes=0)

    assert figures(tenant) == {"2026-09": (1, 20)}


@pytest.mark.usefixtures("frozen_time")
def test_the_present_month_is_counted_each_time(tenant: Tenant) -> None:
    figures(tenant)
    make_row(tenant.id, size_bytes=7)
    with tenant_scope(tenant.id):
        kept = set(MonthFigures.objects.values_list("month", flat=True))

    assert figures(tenant) == {"2026-10": (1, 7)}
    assert dt.date(2026, 10, 1) not in kept


def test_what_happened_is_counted_from_the_access_log(tenant: Tenant, frozen_time: time_machine.Traveller) -> None:
    actor = make_actor(tenant, "radiologist")
    with tenant_scope(tenant.id):
        for _ in range(2):
            audit.record(actor=actor, action="report.signed")
        frozen_time.shift(dt.timedelta(days=31))
        audit.record(actor=actor, action="report.signed")
        months = services.months_until_now(tenant.id)

    assert [one.events.get("report.signed", 0) for one in months[:3]] == [1, 2, 0]


def test_the_page_shows_twelve_months(tenant: Tenant, enter: Enter) -> None:
    make_row(tenant.id, size_bytes=3 * 1024**3)
    page = enter("owner").get("/studies/figures/").content.decode()

    assert page.count("<tr>") == 13
    assert "3.0\xa0GB" in page


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("role", ["technician", "radiologist", "dentist", "assistant"])
def test_figures_are_for_who_runs_the_centre(enter: Enter, role: str) -> None:
    assert enter(role).get("/studies/figures/").status_code == 403


@pytest.mark.usefixtures("long_memory")
def test_the_page_asks_few_questions_the_first_time_too(tenant: Tenant, enter: Enter) -> None:
    for month in (AUGUST, SEPTEMBER):
        make_row(tenant.id, received_at=month)
    client = enter("owner")
    client.get("/account/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/studies/figures/")

    assert len(queries) <= MAX_QUERIES
