"""Making and ending a link."""

import datetime as dt
import hashlib
import logging
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts import access
from accounts import selectors as accounts
from audit import selectors as audit
from common.actor import Right
from common.clock import now
from common.errors import ForbiddenError, NotFoundError
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.errors import StudyHeldError, StudyNotFoundError
from sharing import selectors, services
from sharing.errors import LinkNotFoundError, TermsRefusedError
from sharing.models import ShareLink
from tests.factories.cast import make_actor, make_tenant
from tests.factories.sharing import PATIENT_NAME, RECIPIENT, Shared, link_row, make_study, share

pytestmark = pytest.mark.django_db


def terms(**changes: Any) -> services.Terms:
    return services.Terms(**{"recipient_email": RECIPIENT, **changes})


def actions_of(link: Shared) -> list[str]:
    with tenant_scope(link.tenant.id):
        return [entry.action for entry in audit.list_events(audit.Filter(study_id=link.study_ids[0]))]


@pytest.mark.req("X-10")
def test_only_the_digest_of_the_secret_is_kept() -> None:
    link = share()
    row = link_row(link)
    assert len(link.secret) == 43
    assert bytes(row.secret_hash) == hashlib.sha256(link.secret.encode()).digest()
    assert link.secret not in str(row.__dict__)


@pytest.mark.req("CARD-03")
def test_a_link_ends_after_fourteen_days_unless_its_sender_says_otherwise(
    frozen_time: time_machine.Traveller,
) -> None:
    assert link_row(share()).expires_at == now() + dt.timedelta(days=14)
    assert link_row(share(days=3)).expires_at == now() + dt.timedelta(days=3)


@pytest.mark.req("CARD-03")
def test_by_default_a_link_opens_ten_times_and_downloads_are_off() -> None:
    row = link_row(share())
    assert row.max_sessions == 10
    assert row.rights == ["report", "view"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 91},
        {"days": 0},
        {"recipient_email": "nobody"},
        {"recipient_email": "a@example.org\nBcc: b@example.org"},
        {"rights": frozenset({"report"})},
        {"rights": frozenset({"view", "everything"})},
        {"max_sessions": 0},
        {"max_sessions": 1001},
        {"max_downloads": -1},
    ],
)
def test_terms_outside_the_limits_are_refused(wrong: dict[str, Any]) -> None:
    tenant = make_tenant()
    study = make_study(tenant)
    with pytest.raises(TermsRefusedError):
        services.share_studies(actor=make_actor(tenant, "dentist"), study_ids=[study.id], terms=terms(**wrong))


def test_a_link_names_at_least_one_study() -> None:
    with pytest.raises(TermsRefusedError):
        services.share_studies(actor=make_actor(make_tenant(), "dentist"), study_ids=[], terms=terms())


@pytest.mark.req("PA-04")
def test_the_recipient_gets_the_whole_link_by_mail() -> None:
    link = share()
    assert mail.outbox[0].to == [RECIPIENT]
    assert f"/s/{link.link_id}#{link.secret}" in str(mail.outbox[0].body)


@pytest.mark.req("X-10")
def test_the_mail_holds_nothing_about_the_patient() -> None:
    share()
    text = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert not any(word in text for word in (*PATIENT_NAME.split(", "), "MRN-", "implant", "2.25."))


def test_a_mail_that_cannot_be_sent_leaves_a_link_that_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", lambda *_: (_ for _ in ()).throw(ConnectionRefusedError()))
    tenant = make_tenant()
    study = make_study(tenant)
    with caplog.at_level(logging.ERROR):
        made = services.share_studies(actor=make_actor(tenant, "dentist"), study_ids=[study.id], terms=terms())
    assert not made.is_mailed
    assert "#" in made.url
    assert made.url not in caplog.text


def test_a_study_whose_patient_is_in_doubt_is_not_shared() -> None:
    tenant = make_tenant()
    study = make_study(tenant, conflict="name")
    with pytest.raises(StudyHeldError):
        services.share_studies(actor=make_actor(tenant, "technician"), study_ids=[study.id], terms=terms())


def test_the_study_of_another_tenant_is_not_found() -> None:
    study = make_study(make_tenant())
    with pytest.raises(StudyNotFoundError):
        services.share_studies(actor=make_actor(make_tenant(), "dentist"), study_ids=[study.id], terms=terms())


@pytest.mark.parametrize("role", ["assistant", "auditor", "compliance_officer"])
def test_a_member_without_the_right_cannot_share(role: str) -> None:
    tenant = make_tenant()
    study = make_study(tenant)
    with pytest.raises(ForbiddenError):
        services.share_studies(actor=make_actor(tenant, role), study_ids=[study.id], terms=terms())


def test_nobody_can_give_what_he_has_not() -> None:
    actions = access.matrix()["actions"]
    senders = set(actions["study.share"])
    assert all(senders <= set(actions[action]) for action in ("study.view", "study.download", "report.read"))


@pytest.mark.req("PA-09")
def test_several_recipients_have_links_of_their_own() -> None:
    first = share()
    made = services.share_studies(
        actor=first.sender, study_ids=first.study_ids, terms=terms(recipient_email="surgeon@clinic.example")
    )
    with tenant_scope(first.tenant.id):
        links = selectors.list_links(first.study_ids[0])
    assert [link.id for link in links] == [made.link_id, first.link_id]
    assert [link.recipient_email for link in links] == ["surgeon@clinic.example", RECIPIENT]


def test_the_snapshot_is_what_was_named_in_its_order() -> None:
    link = share(studies=3)
    with tenant_scope(link.tenant.id):
        assert selectors.get_link(link.link_id).study_ids == link.study_ids


def test_a_link_is_found_before_its_tenant_is_known() -> None:
    link = share()
    assert accounts.tenants_of(link.link_id) == [link.tenant.id]


def test_sharing_and_revoking_are_in_the_history_of_every_study() -> None:
    link = share()
    services.revoke_link(actor=link.sender, link_id=link.link_id)
    assert actions_of(link) == ["share.revoked", "share.created"]


def test_revoking_twice_changes_nothing(frozen_time: time_machine.Traveller) -> None:
    link = share()
    services.revoke_link(actor=link.sender, link_id=link.link_id)
    first = link_row(link).revoked_at
    frozen_time.shift(60)
    services.revoke_link(actor=link.sender, link_id=link.link_id)
    assert link_row(link).revoked_at == first
    assert actions_of(link).count("share.revoked") == 1


def test_any_member_who_may_share_can_revoke() -> None:
    link = share()
    services.revoke_link(actor=make_actor(link.tenant, "technician"), link_id=link.link_id)
    assert link_row(link).revoked_at is not None


def test_a_member_without_the_right_cannot_revoke() -> None:
    link = share()
    with pytest.raises(ForbiddenError):
        services.revoke_link(actor=make_actor(link.tenant, "assistant"), link_id=link.link_id)
    assert link_row(link).revoked_at is None


@pytest.mark.parametrize("known", [True, False])
def test_a_stranger_cannot_tell_a_foreign_link_from_none(known: bool) -> None:
    link = share()
    link_id = link.link_id if known else uuid7()
    with pytest.raises(LinkNotFoundError):
        services.revoke_link(actor=make_actor(make_tenant(), "owner"), link_id=link_id)


def test_an_unknown_link_is_a_not_found() -> None:
    assert issubclass(LinkNotFoundError, NotFoundError)


def test_links_cannot_be_read_outside_a_scope() -> None:
    share()
    with pytest.raises(Exception, match="scope"):
        ShareLink.objects.first()


@pytest.mark.postgres
def test_row_level_security_alone_hides_foreign_links() -> None:
    link = share()
    with tenant_scope(make_tenant().id):
        assert not ShareLink._base_manager.filter(id=link.link_id).exists()


def test_rights_have_names_that_the_form_offers() -> None:
    assert {right.value for right in Right} == {"view", "download_dicom", "download_jpg", "report"}
