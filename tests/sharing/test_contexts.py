"""What the pages of a link show."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.actor import Actor, Right
from common.clock import now
from common.scope import tenant_scope
from pacs.models import Report
from sharing import contexts, selectors, services
from tests.factories.sharing import RECIPIENT, Shared, change_link, open_session, share

pytestmark = pytest.mark.django_db


def guest_of(link: Shared) -> Actor:
    opened = open_session(link)
    access = selectors.get_guest_access(session_id=opened.session_id, secret=opened.secret)
    assert access is not None
    return replace(selectors.guest_of(tenant_id=link.tenant.id, link_id=link.link_id), grant=access.grant)


def report(link: Shared, state: str) -> None:
    with tenant_scope(link.tenant.id):
        Report.objects.create(
            tenant=link.tenant,
            study_id=link.study_ids[0],
            state=state,
            author_id=link.sender.id,
            author_name="Dr. Reader",
            body=b"",
        )


def first_study(link: Shared) -> contexts.GuestStudy:
    return contexts.guest_page([guest_of(link)]).links[0].studies[0]


def queries_of(link: Shared) -> int:
    guest = guest_of(link)
    contexts.guest_page([guest])
    with CaptureQueriesContext(connection) as queries:
        contexts.guest_page([guest])
    return len(queries)


def test_more_studies_do_not_take_more_queries() -> None:
    assert queries_of(share(studies=1)) == queries_of(share(studies=6))


def test_a_signed_report_is_offered() -> None:
    link = share(rights=frozenset({Right.VIEW, Right.REPORT}))
    report(link, "signed")
    study = first_study(link)
    assert study.has_report is True
    assert str(link.study_ids[0]) in study.report_url


def test_a_draft_is_not() -> None:
    link = share(rights=frozenset({Right.VIEW, Right.REPORT}))
    report(link, "draft")
    assert (first_study(link).has_report, first_study(link).report_url) == (False, "")


def test_without_the_right_the_guest_does_not_learn_whether_there_is_a_report() -> None:
    link = share(rights=frozenset({Right.VIEW}))
    report(link, "signed")
    assert (first_study(link).has_report, first_study(link).report_url) == (None, "")


def test_a_guest_learns_who_sent_what_until_when() -> None:
    link = share(recipient_name="Dr. Referrer")
    shown = contexts.guest_page([guest_of(link)]).links[0]
    assert (shown.sender_tenant, shown.sender_name, shown.recipient) == (link.tenant.name, "Person", "Dr. Referrer")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "active"),
        ({"revoked_at": now()}, "revoked"),
        ({"locked_at": now()}, "locked"),
        ({"expires_at": now()}, "expired"),
        ({"max_sessions": 3, "used_sessions": 3}, "used"),
    ],
)
def test_the_page_of_a_study_says_in_a_word_how_each_link_stands(changes: dict[str, object], state: str) -> None:
    link = share()
    change_link(link, **changes)
    with tenant_scope(link.tenant.id):
        line = contexts.share_lines(link.study_ids[0])[0]
    assert (line.recipient, line.state) == (RECIPIENT, state)


def test_the_list_of_links_takes_the_same_queries_for_one_and_for_many() -> None:
    link = share()
    with tenant_scope(link.tenant.id), CaptureQueriesContext(connection) as one:
        contexts.share_lines(link.study_ids[0])
    for _ in range(4):
        services.share_studies(
            actor=link.sender, study_ids=link.study_ids, terms=services.Terms(recipient_email=RECIPIENT)
        )
    with tenant_scope(link.tenant.id), CaptureQueriesContext(connection) as many:
        contexts.share_lines(link.study_ids[0])
    assert len(many) == len(one)
