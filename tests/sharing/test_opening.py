"""From the secret to a code, from the code to a session."""

import datetime as dt
import logging
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts import selectors as accounts
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from outbox import services as outbox
from sharing import proofs, selectors, services
from sharing.errors import CodeNotSentError, LinkClosedError
from sharing.events import LinkLocked
from sharing.handlers import notify_sender
from sharing.models import GuestSession, OneTimeCode
from tests.factories.sharing import (
    PATIENT_NAME,
    RECIPIENT,
    Shared,
    ask_code,
    change_link,
    count_sessions,
    destroy_studies,
    in_parallel,
    link_row,
    open_session,
    refuse_codes,
    refused,
    share,
    wrong,
)

NONCE = "n" * 43
OTHER_NONCE = "m" * 43


def activity(link: Shared) -> list[str]:
    with tenant_scope(link.tenant.id):
        return [entry.action for entry in reversed(selectors.list_activity(link.link_id))]


def reason_of(link: Shared, secret: str = "") -> str:
    with pytest.raises(LinkClosedError) as refusal:
        services.open_link(link_id=link.link_id, secret=secret or link.secret, nonce=NONCE)
    return refusal.value.reason


@pytest.mark.django_db
class TestSecret:
    @pytest.mark.req("X-10")
    def test_the_right_secret_sends_a_code_of_eight_digits_to_the_recipient(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        assert mail.outbox[-1].to == [RECIPIENT]
        assert len(code) == 8

    def test_a_wrong_secret_and_an_unknown_link_get_the_same_answer(self) -> None:
        link = share()
        with pytest.raises(LinkClosedError) as unknown:
            services.open_link(link_id=uuid7(), secret=link.secret, nonce=NONCE)
        with pytest.raises(LinkClosedError) as mistaken:
            services.open_link(link_id=link.link_id, secret=proofs.new_secret(), nonce=NONCE)
        assert str(unknown.value) == str(mistaken.value)
        assert unknown.value.reason == mistaken.value.reason == ""

    def test_a_wrong_secret_counts_nothing_and_sends_nothing(self) -> None:
        link = share()
        sent = len(mail.outbox)
        assert [reason_of(link, proofs.new_secret()) for _ in range(12)] == [""] * 12
        assert len(mail.outbox) == sent
        assert (link_row(link).failures, link_row(link).sent_codes) == (0, 0)

    @pytest.mark.req("CARD-03")
    def test_after_its_time_a_link_sends_no_code(self, frozen_time: time_machine.Traveller) -> None:
        link = share(days=1)
        frozen_time.shift(dt.timedelta(days=1, seconds=1))
        assert reason_of(link) == "expired"

    def test_before_its_time_a_link_sends_no_code(self) -> None:
        assert reason_of(share(not_before=now() + dt.timedelta(hours=1))) == "waiting"

    def test_a_revoked_link_sends_no_code(self) -> None:
        link = share()
        services.revoke_link(actor=link.sender, link_id=link.link_id)
        assert reason_of(link) == "revoked"

    def test_a_link_that_was_used_up_sends_no_code(self) -> None:
        link = share(max_sessions=1)
        open_session(link)
        assert reason_of(link) == "used"

    def test_why_a_link_is_closed_is_told_only_to_who_has_the_secret(self) -> None:
        link = share()
        services.revoke_link(actor=link.sender, link_id=link.link_id)
        assert reason_of(link, proofs.new_secret()) == ""

    def test_who_has_the_secret_cannot_flood_the_recipient(self) -> None:
        link = share(max_sessions=1)
        change_link(link, sent_codes=30)
        reason_of(link)
        assert link_row(link).sent_codes == 30

    def test_a_code_that_cannot_be_mailed_is_a_refusal_that_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        link = share()
        monkeypatch.setattr(EmailBackend, "send_messages", lambda *_: (_ for _ in ()).throw(ConnectionRefusedError()))
        with pytest.raises(CodeNotSentError):
            services.open_link(link_id=link.link_id, secret=link.secret, nonce=NONCE)
        assert activity(link) == ["share.opened"]


@pytest.mark.django_db
class TestCode:
    @pytest.mark.req("X-10")
    def test_the_code_opens_one_session(self) -> None:
        link = share()
        opened = open_session(link)
        assert opened.link_id == link.link_id
        assert accounts.tenants_of(opened.session_id) == [link.tenant.id]
        assert link_row(link).used_sessions == 1

    def test_only_digests_of_code_and_session_are_kept(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        opened = services.confirm_code(link_id=link.link_id, nonce=NONCE, code=code)
        with tenant_scope(link.tenant.id):
            rows = [*OneTimeCode.objects.values(), *GuestSession.objects.values()]
        assert not any(secret in str(rows) for secret in (code, NONCE, opened.secret))

    def test_a_code_works_once(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        services.confirm_code(link_id=link.link_id, nonce=NONCE, code=code)
        assert refused(link, NONCE, code) == "code-refused"
        assert count_sessions(link) == 1

    def test_a_code_works_only_in_the_browser_that_asked_for_it(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        ask_code(link, OTHER_NONCE)
        assert refused(link, OTHER_NONCE, code) == "code-refused"
        assert refused(link, NONCE, code) == ""

    def test_a_browser_that_never_had_the_secret_counts_nothing(self) -> None:
        link = share()
        ask_code(link, NONCE)
        assert [refused(link, OTHER_NONCE, f"{n:08d}") for n in range(12)] == ["code-refused"] * 12
        assert link_row(link).failures == 0
        assert link_row(link).locked_at is None

    def test_a_code_is_old_after_ten_minutes(self, frozen_time: time_machine.Traveller) -> None:
        link = share()
        code = ask_code(link, NONCE)
        frozen_time.shift(10 * 60)
        assert refused(link, NONCE, code) == "code-refused"

    def test_a_code_is_good_until_then(self, frozen_time: time_machine.Traveller) -> None:
        link = share()
        code = ask_code(link, NONCE)
        frozen_time.shift(10 * 60 - 1)
        assert refused(link, NONCE, code) == ""

    def test_five_wrong_tries_end_a_code(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        assert [refused(link, NONCE, wrong(code)) for _ in range(5)] == ["code-refused"] * 5
        assert refused(link, NONCE, code) == "code-refused"
        assert link_row(link).failures == 5

    def test_a_new_code_replaces_the_old_one_of_the_same_browser(self) -> None:
        link = share()
        old = ask_code(link, NONCE)
        services.resend_code(link_id=link.link_id, nonce=NONCE)
        assert refused(link, NONCE, old) == "code-refused"

    def test_a_browser_that_never_asked_is_sent_nothing(self) -> None:
        link = share()
        with pytest.raises(LinkClosedError):
            services.resend_code(link_id=link.link_id, nonce=NONCE)

    def test_a_right_code_is_no_failure(self) -> None:
        link = share()
        open_session(link)
        assert link_row(link).failures == 0

    def test_the_code_of_one_link_does_not_open_another(self) -> None:
        first, second = share(), share()
        code = ask_code(first, NONCE)
        ask_code(second, NONCE)
        assert refused(second, NONCE, code) == "code-refused"

    def test_a_link_that_ended_meanwhile_opens_no_more(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        services.revoke_link(actor=link.sender, link_id=link.link_id)
        assert refused(link, NONCE, code) == "link-closed"
        assert count_sessions(link) == 0

    def test_every_step_is_in_the_audit_log_as_the_guest(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        refused(link, NONCE, wrong(code))
        opened = services.confirm_code(link_id=link.link_id, nonce=NONCE, code=code)
        services.end_session(session_id=opened.session_id, secret=opened.secret)
        assert activity(link) == [
            "share.opened",
            "share.code-sent",
            "share.code-refused",
            "share.session-started",
            "share.ended",
        ]

    @pytest.mark.req("X-10")
    def test_neither_mail_nor_log_holds_patient_or_secret(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            link = share()
            opened = open_session(link)
        mails = " ".join(f"{message.subject} {message.body}" for message in mail.outbox)
        assert not any(word in mails for word in (*PATIENT_NAME.split(", "), "MRN-", "implant"))
        assert not any(word in caplog.text for word in (link.secret, opened.secret, RECIPIENT, "Mustermann"))


@pytest.mark.django_db
class TestLock:
    @pytest.mark.req("X-10")
    def test_ten_failures_lock_the_link_for_good(self) -> None:
        link = share()
        assert refuse_codes(link, 10) == ["code-refused"] * 10
        assert link_row(link).locked_at is not None
        assert reason_of(link) == "locked"

    def test_nine_failures_do_not(self) -> None:
        link = share()
        refuse_codes(link, 9)
        assert open_session(link).link_id == link.link_id

    def test_even_the_right_code_opens_a_locked_link_no_more(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        refuse_codes(link, 10)
        assert refused(link, NONCE, code) == "link-closed"

    def test_a_lock_ends_the_running_sessions(self) -> None:
        link = share()
        opened = open_session(link)
        refuse_codes(link, 10)
        selectors.forget()
        assert not selectors.still_holds(opened.session_id)

    def test_the_lock_is_recorded_once(self) -> None:
        link = share()
        refuse_codes(link, 10)
        assert activity(link).count("share.locked") == 1

    @pytest.mark.req("X-10")
    def test_a_lock_is_mailed_to_the_sender(self) -> None:
        link = share()
        refuse_codes(link, 10)
        outbox.drain([link.tenant.id])
        assert mail.outbox[-1].to == [accounts_email(link)]

    def test_a_lock_is_mailed_though_the_studies_were_destroyed(self) -> None:
        link = share()
        destroy_studies(link)
        notify_sender(LinkLocked(tenant_id=link.tenant.id, link_id=link.link_id))
        assert mail.outbox[-1].to == [accounts_email(link)]
        assert "/studies/\n" in str(mail.outbox[-1].body)

    def test_the_sender_is_told_without_the_name_of_the_patient(self) -> None:
        link = share()
        notify_sender(LinkLocked(tenant_id=link.tenant.id, link_id=link.link_id))
        note = mail.outbox[-1]
        assert note.to == [accounts_email(link)]
        assert f"/studies/{link.study_ids[0]}/" in str(note.body)
        assert "r•••@practice.example" in str(note.body)
        assert "Mustermann" not in str(note.body)

    def test_the_link_of_a_token_has_nobody_to_tell(self) -> None:
        link = share()
        change_link(link, created_by=None)
        sent = len(mail.outbox)
        notify_sender(LinkLocked(tenant_id=link.tenant.id, link_id=link.link_id))
        assert len(mail.outbox) == sent


def accounts_email(link: Shared) -> str:
    row = link_row(link)
    assert row.created_by is not None
    return row.created_by.email


@pytest.mark.django_db(transaction=True)
class TestInParallel:
    @pytest.mark.req("X-10")
    def test_a_link_opens_exactly_as_often_as_it_says(self) -> None:
        assert opens_of_a_link(limit=7, browsers=24) == {"opened": 7, "rows": 7, "used": 7}

    @pytest.mark.soak
    @pytest.mark.req("X-10")
    def test_a_link_opens_exactly_as_often_as_it_says_under_two_hundred_opens(self) -> None:
        assert opens_of_a_link(limit=10, browsers=200) == {"opened": 10, "rows": 10, "used": 10}

    def test_one_code_opens_one_session(self) -> None:
        link = share()
        code = ask_code(link, NONCE)
        confirm = partial(services.confirm_code, link_id=link.link_id, nonce=NONCE, code=code)
        outcomes = in_parallel([confirm] * 8)
        assert sum(isinstance(outcome, services.Opened) for outcome in outcomes) == 1
        assert count_sessions(link) == 1

    def test_parallel_guesses_get_no_more_tries_than_the_link_has(self) -> None:
        link = share()
        nonces = [proofs.new_secret() for _ in range(4)]
        guesses = [(nonce, wrong(ask_code(link, nonce))) for nonce in nonces for _ in range(5)]
        in_parallel([partial(services.confirm_code, link_id=link.link_id, nonce=n, code=c) for n, c in guesses])
        assert link_row(link).failures == 10
        assert activity(link).count("share.code-refused") == 10
        assert activity(link).count("share.locked") == 1

    def test_downloads_are_exactly_as_many_as_the_link_says(self) -> None:
        link = share(max_downloads=3)
        guest = selectors.guest_of(tenant_id=link.tenant.id, link_id=link.link_id)
        outcomes = in_parallel([partial(services.count_download, actor=guest)] * 12)
        assert outcomes.count(None) == 3
        assert outcomes.count("download-limit") == 9
        assert link_row(link).used_downloads == 3


def opens_of_a_link(*, limit: int, browsers: int) -> dict[str, int]:
    link = share(max_sessions=limit)
    nonces = [proofs.new_secret() for _ in range(browsers)]
    codes = [(nonce, ask_code(link, nonce)) for nonce in nonces]
    outcomes = in_parallel([partial(services.confirm_code, link_id=link.link_id, nonce=n, code=c) for n, c in codes])
    opened = [outcome for outcome in outcomes if isinstance(outcome, services.Opened)]
    return {"opened": len(opened), "rows": count_sessions(link), "used": link_row(link).used_sessions}
