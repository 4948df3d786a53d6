"""From a guest's cookie to who acts, and how long."""

import datetime as dt
import time
from types import SimpleNamespace
from uuid import UUID

import pytest
import time_machine
from django.conf import LazySettings
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from accounts import access
from accounts.models import Tenant
from common.actor import Actor, ActorKind, Right
from common.clock import now
from common.ids import uuid7
from common.scope import current_tenant_id, tenant_scope
from pacs import selectors as pacs
from pacs.errors import StudyNotFoundError
from sharing import cookies, proofs, selectors, services
from sharing.errors import DownloadLimitError
from sharing.models import GuestSession
from sharing.resolve import from_guest_cookie
from tests.factories.cast import make_actor
from tests.factories.sharing import Shared, change_link, link_row, make_study, open_session, share

pytestmark = pytest.mark.django_db


def actors(*opened: services.Opened, **headers: str) -> list[Actor]:
    request = RequestFactory().get("/", headers=headers)
    request.COOKIES["bitewing-guest"] = "~".join(f"{one.session_id.hex}.{one.secret}" for one in opened)
    return from_guest_cookie(request)


def guest_of(link: Shared) -> Actor:
    return actors(open_session(link))[0]


def last_seen(link: Shared, session_id: UUID) -> dt.datetime:
    with tenant_scope(link.tenant.id):
        moment: dt.datetime = GuestSession.objects.get(id=session_id).last_seen_at
    return moment


def test_a_session_is_a_guest_with_the_snapshot_and_the_rights_of_its_link() -> None:
    link = share(studies=2, rights=frozenset({Right.VIEW, Right.DOWNLOAD_DICOM}))
    guest = guest_of(link)
    assert (guest.kind, guest.id, guest.tenant_id) == (ActorKind.GUEST, link.link_id, link.tenant.id)
    assert guest.grant is not None
    assert guest.grant.study_ids == frozenset(link.study_ids)
    assert guest.grant.rights == {"view", "download_dicom"}


@pytest.mark.parametrize(
    ("rights", "can_download", "can_read"),
    [
        ({"view"}, False, False),
        ({"view", "report"}, False, True),
        ({"view", "download_dicom"}, True, False),
    ],
)
def test_the_matrix_answers_by_the_rights_of_the_link(rights: set[str], can_download: bool, can_read: bool) -> None:
    guest = guest_of(share(rights=frozenset(rights)))
    assert access.allows(guest, "study.view")
    assert access.allows(guest, "study.download") is can_download
    assert access.allows(guest, "report.read") is can_read
    assert not access.allows(guest, "study.share")


def test_a_guest_sees_the_studies_of_his_link_and_no_others() -> None:
    link = share()
    other = make_study(link.tenant)
    guest = guest_of(link)
    with tenant_scope(link.tenant.id):
        assert [study.id for study in pacs.visible_studies(guest)] == list(link.study_ids)
        with pytest.raises(StudyNotFoundError):
            pacs.get_study(actor=guest, study_id=other.id)


@pytest.mark.req("PA-09")
def test_one_browser_holds_links_of_several_tenants() -> None:
    first, second = share(), share()
    found = actors(open_session(first), open_session(second))
    assert [actor.tenant_id for actor in found] == [first.tenant.id, second.tenant.id]
    assert current_tenant_id() is None


def test_a_token_acts_alone() -> None:
    assert actors(open_session(share()), authorization="Bearer dpt_x") == []


def test_a_wrong_secret_is_nobody() -> None:
    opened = open_session(share())
    assert actors(services.Opened(opened.session_id, opened.link_id, proofs.new_secret())) == []


def test_an_unknown_session_is_nobody() -> None:
    assert actors(services.Opened(uuid7(), uuid7(), proofs.new_secret())) == []


@pytest.mark.parametrize("text", ["", "~~~", "x.y", f"{'z' * 32}.{'a' * 43}", "a" * 5000])
def test_a_damaged_cookie_is_nobody(text: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["bitewing-guest"] = text
    assert from_guest_cookie(request) == []


def test_without_a_cookie_nothing_is_read(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert from_guest_cookie(RequestFactory().get("/")) == []


@pytest.mark.usefixtures("long_memory")
def test_the_next_frame_is_answered_without_a_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    opened = open_session(share())
    actors(opened)
    with django_assert_num_queries(0):
        assert actors(opened)[0].recheck()


def test_a_session_ends_after_thirty_minutes_without_use(frozen_time: time_machine.Traveller) -> None:
    opened = open_session(share())
    frozen_time.shift(30 * 60)
    assert actors(opened) == []


def test_use_moves_the_limit(frozen_time: time_machine.Traveller) -> None:
    link = share()
    opened = open_session(link)
    frozen_time.shift(29 * 60)
    actors(opened)
    frozen_time.shift(29 * 60)
    assert len(actors(opened)) == 1
    assert last_seen(link, opened.session_id) == now()


def test_use_is_written_at_most_once_a_minute(frozen_time: time_machine.Traveller) -> None:
    link = share()
    opened = open_session(link)
    began_at = now()
    frozen_time.shift(59)
    actors(opened)
    assert last_seen(link, opened.session_id) == began_at


def test_a_session_ends_after_eight_hours_even_in_use(frozen_time: time_machine.Traveller) -> None:
    link = share()
    opened = open_session(link)
    with tenant_scope(link.tenant.id):
        GuestSession.objects.filter(id=opened.session_id).update(last_seen_at=now() + dt.timedelta(hours=8))
    frozen_time.shift(8 * 3600 - 1)
    assert len(actors(opened)) == 1
    frozen_time.shift(1)
    assert actors(opened) == []


def test_a_session_ends_with_its_link(frozen_time: time_machine.Traveller) -> None:
    link = share(days=1)
    frozen_time.shift(dt.timedelta(hours=23, minutes=55))
    guest = actors(opened := open_session(link))[0]
    frozen_time.shift(dt.timedelta(minutes=5))
    assert actors(opened) == []
    assert not guest.recheck()


def test_a_running_download_is_not_cut_for_idleness(frozen_time: time_machine.Traveller) -> None:
    guest = guest_of(share())
    frozen_time.shift(40 * 60)
    assert guest.recheck()


def test_leaving_ends_the_session() -> None:
    opened = open_session(share())
    guest = actors(opened)[0]
    services.end_session(session_id=opened.session_id, secret=opened.secret)
    assert actors(opened) == []
    assert not guest.recheck()


def test_nobody_ends_a_session_without_its_secret() -> None:
    opened = open_session(share())
    services.end_session(session_id=opened.session_id, secret=proofs.new_secret())
    assert len(actors(opened)) == 1


def test_a_revocation_stops_a_running_answer() -> None:
    link = share()
    guest = guest_of(link)
    services.revoke_link(actor=make_actor(link.tenant, "owner"), link_id=link.link_id)
    assert not guest.recheck()


@pytest.mark.req("X-10")
def test_a_revocation_in_another_process_stops_it_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    link = share()
    guest = guest_of(link)
    change_link(link, revoked_at=now())
    later = time.monotonic() + 5
    monkeypatch.setattr(selectors, "time", SimpleNamespace(monotonic=lambda: later))
    assert not guest.recheck()


def test_a_tenant_that_was_closed_has_no_guests() -> None:
    link = share()
    opened = open_session(link)
    Tenant.objects.filter(id=link.tenant.id).update(is_active=False)
    selectors.forget()
    assert actors(opened) == []


def test_downloads_are_counted_against_the_link() -> None:
    link = share(max_downloads=1)
    guest = guest_of(link)
    services.count_download(actor=guest)
    with pytest.raises(DownloadLimitError):
        services.count_download(actor=guest)
    assert link_row(link).used_downloads == 1


def test_the_downloads_of_members_are_not_limited() -> None:
    link = share(max_downloads=0)
    services.count_download(actor=link.sender)
    assert link_row(link).used_downloads == 0


def test_a_revoked_link_counts_no_download() -> None:
    link = share()
    guest = guest_of(link)
    services.revoke_link(actor=link.sender, link_id=link.link_id)
    with pytest.raises(DownloadLimitError):
        services.count_download(actor=guest)


def test_over_https_the_cookies_are_bound_to_the_host(settings: LazySettings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    assert cookies.guest_name() == "__Host-bitewing-guest"
    assert cookies.nonce_name() == "__Host-bitewing-opening"
