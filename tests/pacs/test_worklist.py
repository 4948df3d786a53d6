"""Searching, sorting and paging the worklist."""

import datetime as dt
from itertools import chain
from uuid import UUID

import pytest

from accounts.models import Tenant
from common.actor import Actor, ActorKind, Grant
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from pacs import worklist, worklist_filters
from pacs.models import Report
from pacs.worklist import find_page
from pacs.worklist_filters import Search
from tests.factories.cast import make_tenant
from tests.factories.rows import make_report_row, make_row, make_series_row

pytestmark = pytest.mark.django_db


def ids(
    actor: Actor, search: Search | None = None, *, sort: str = worklist.DEFAULT_SORT, cursor: str = ""
) -> list[UUID]:
    with tenant_scope(actor.tenant_id):
        return [study.id for study in find_page(actor=actor, search=search or Search(), sort=sort, cursor=cursor).rows]


def walk(actor: Actor, sort: str, limit: int, *, forward: bool = True) -> list[list[UUID]]:
    """Go through all pages and return their rows; going back starts from the last page."""
    pages, page = [], _step(actor, sort, limit, "")
    while forward and page.next:
        pages.append(page)
        page = _step(actor, sort, limit, page.next)
    while not forward and page.next:
        page = _step(actor, sort, limit, page.next)
    while not forward and page.previous:
        pages.append(page)
        page = _step(actor, sort, limit, page.previous)
    return [[study.id for study in one.rows] for one in [*pages, page]]


def _step(actor: Actor, sort: str, limit: int, cursor: str) -> worklist.Page:
    with tenant_scope(actor.tenant_id):
        return find_page(actor=actor, search=Search(), sort=sort, cursor=cursor, limit=limit)


# --- searching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["müll", "muller", "MÜLLER, j", "jürgen mul", "Jurgen"])
def test_a_name_is_found_by_the_beginnings_of_its_words(tenant: Tenant, technician: Actor, typed: str) -> None:
    study = make_row(tenant.id, name="Müller^Jürgen")
    make_row(tenant.id, name="Maier^Petra")

    assert ids(technician, Search(name=typed)) == [study.id]


@pytest.mark.parametrize("typed", ["uller", "müller petra"])
def test_every_word_must_begin_a_part_of_the_name(tenant: Tenant, technician: Actor, typed: str) -> None:
    make_row(tenant.id, name="Müller^Jürgen")

    assert ids(technician, Search(name=typed)) == []


@pytest.mark.parametrize("typed", ["LI-77", "LI-7", "li-77", "ACC9", "acc"])
def test_patient_id_and_accession_number_are_found_by_their_beginning(
    tenant: Tenant, technician: Actor, typed: str
) -> None:
    study = make_row(tenant.id, dicom_patient_id="LI-77", accession_number="ACC9")
    make_row(tenant.id, dicom_patient_id="XX-LI-77")

    assert ids(technician, Search(number=typed)) == [study.id]


def test_the_days_of_a_range_are_both_included(tenant: Tenant, technician: Actor) -> None:
    days = [dt.date(2026, 10, day) for day in (1, 2, 3, 4)]
    studies = [make_row(tenant.id, study_date=day) for day in days]

    found = ids(technician, Search(since=days[1], until=days[2]))

    assert set(found) == {studies[1].id, studies[2].id}


def test_a_study_is_found_by_each_of_its_modalities(tenant: Tenant, technician: Actor) -> None:
    study = make_row(tenant.id, modalities="CT PX")
    make_row(tenant.id, modalities="PXX")

    assert ids(technician, Search(modality="PX")) == [study.id]


@pytest.mark.parametrize("status", worklist_filters.STATUSES)
def test_each_status_finds_its_study_and_no_other(tenant: Tenant, technician: Actor, status: str) -> None:
    studies = {status: make_row(tenant.id) for status in ("unreported", "draft", "signed", "new draft")}
    studies["held"] = make_row(tenant.id, conflict="demographics")
    studies["shared"] = make_row(tenant.id, shared_until=now() + dt.timedelta(days=1))
    studies["no longer shared"] = make_row(tenant.id, shared_until=now() - dt.timedelta(days=1))
    studies["preparing"] = make_row(tenant.id)
    make_series_row(studies["preparing"], prepared_instances=1)
    make_report_row(studies["draft"], Report.State.DRAFT)
    make_report_row(studies["signed"], Report.State.SIGNED)
    make_report_row(studies["new draft"], Report.State.SIGNED)
    make_report_row(studies["new draft"], Report.State.DRAFT, version=2)
    expected = {
        "unreported": {"unreported", "held", "preparing", "shared", "no longer shared"},
        "shared": {"shared"},
        "draft": {"draft", "new draft"},
        "signed": {"signed"},
        "held": {"held"},
        "preparing": {"preparing"},
    }

    found = ids(technician, Search(status=status))

    assert {name for name, study in studies.items() if study.id in found} == expected[status]


def test_what_is_given_to_oneself_to_read_is_found(tenant: Tenant, technician: Actor) -> None:
    mine = make_row(tenant.id, assigned_to=technician.id)
    make_row(tenant.id, assigned_to=uuid7())
    make_row(tenant.id)

    assert ids(technician, Search(reader="me")) == [mine.id]


MIXED = [
    Search(name="name1"),
    Search(name="n p"),
    Search(number="row-"),
    Search(modality="CT"),
    Search(since=dt.date(2026, 10, 2)),
    Search(until=dt.date(2026, 10, 2)),
    Search(reader="me"),
    *(Search(status=status) for status in worklist_filters.STATUSES),
    Search(name="p", modality="CT", since=dt.date(2026, 10, 1), status="unreported"),
]


@pytest.mark.parametrize("sort", worklist.SORTS)
@pytest.mark.parametrize("search", MIXED, ids=str)
def test_few_and_many_matches_are_found_alike(
    tenant: Tenant, technician: Actor, monkeypatch: pytest.MonkeyPatch, search: Search, sort: str
) -> None:
    make_mixed(tenant, assigned_to=technician.id, shared_until=now() + dt.timedelta(days=1))
    make_row(tenant.id, conflict="demographics")
    by_ids = ids(technician, search, sort=sort)
    monkeypatch.setattr(worklist_filters, "RARE", 0)

    assert ids(technician, search, sort=sort) == by_ids


@pytest.mark.req("PA-06")
def test_nothing_of_another_tenant_and_nothing_binned_is_found(tenant: Tenant, technician: Actor) -> None:
    make_row(make_tenant().id)
    make_row(tenant.id, deleted_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))

    assert ids(technician) == []


@pytest.mark.req("PA-06")
def test_a_grant_finds_only_what_it_names(tenant: Tenant) -> None:
    named, _ = make_row(tenant.id), make_row(tenant.id)
    grant = Grant(study_ids=frozenset({named.id}), rights=frozenset({"view"}))
    guest = Actor(tenant_id=tenant.id, kind=ActorKind.GUEST, id=uuid7(), roles=frozenset({"guest"}), grant=grant)

    assert ids(guest) == [named.id]


# --- paging -----------------------------------------------------------------------------------------------------------


def make_mixed(tenant: Tenant, **columns: object) -> None:
    """Seven studies: equal names, equal dates, and two without a date."""
    for number, day in enumerate([1, 2, 2, None, 3, None, 2]):
        make_row(
            tenant.id,
            name=f"Name{number % 3}^P",
            study_date=dt.date(2026, 10, day) if day else None,
            received_at=dt.datetime(2026, 10, 1, number // 2, tzinfo=dt.UTC),
            **columns,
        )


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize("sort", worklist.SORTS)
def test_pages_hold_every_study_once_in_the_order_of_one_long_page(
    tenant: Tenant, technician: Actor, sort: str, limit: int
) -> None:
    make_mixed(tenant)

    pages = walk(technician, sort, limit)

    assert list(chain.from_iterable(pages)) == ids(technician, sort=sort)
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("sort", worklist.SORTS)
def test_going_back_shows_the_same_pages(tenant: Tenant, technician: Actor, sort: str, limit: int) -> None:
    make_mixed(tenant)

    back = walk(technician, sort, limit, forward=False)

    assert back == walk(technician, sort, limit)[::-1]


@pytest.mark.parametrize(("sort", "days"), [("study_date", [1, 2, None]), ("-study_date", [2, 1, None])])
def test_studies_without_a_date_come_last_either_way(
    tenant: Tenant, technician: Actor, sort: str, days: list[int | None]
) -> None:
    for day in (None, 1, 2):
        make_row(tenant.id, study_date=dt.date(2026, 10, day) if day else None)

    with tenant_scope(tenant.id):
        rows = find_page(actor=technician, search=Search(), sort=sort).rows

    assert [row.study_date.day if row.study_date else None for row in rows] == days


@pytest.mark.req("PA-06")
@pytest.mark.parametrize(
    "cursor", ["", "after:", "after:nonsense", "sideways", "after:018f0000-0000-7000-8000-000000000000"]
)
def test_a_cursor_that_leads_nowhere_shows_the_first_page(tenant: Tenant, technician: Actor, cursor: str) -> None:
    study = make_row(tenant.id)

    assert ids(technician, cursor=cursor) == [study.id]


def test_a_cursor_holds_an_id_and_nothing_of_a_patient(tenant: Tenant, technician: Actor) -> None:
    for _ in range(2):
        make_row(tenant.id, name="Secret^Name")

    with tenant_scope(tenant.id):
        page = find_page(actor=technician, search=Search(), sort="patient_name", limit=1)

    assert page.next == f"after:{page.rows[0].id}"


# --- beside -----------------------------------------------------------------------------------------------------------


def test_progress_tells_the_newest_report(tenant: Tenant) -> None:
    study = make_row(tenant.id)
    make_report_row(study, Report.State.SIGNED)
    make_report_row(study, Report.State.DRAFT, version=2)

    with tenant_scope(tenant.id):
        progress = worklist.progress_of([study.id])

    assert progress == {study.id: worklist.Progress(is_preparing=False, has_thumbnail=True)}


def test_the_storage_used_is_the_sum_of_all_studies(tenant: Tenant) -> None:
    for size in (100, 23):
        make_row(tenant.id, size_bytes=size)

    with tenant_scope(tenant.id):
        assert worklist.storage_used(tenant.id) == 123
