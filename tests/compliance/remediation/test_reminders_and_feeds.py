"""Mails once for each threshold, and a calendar behind a secret address."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts import selectors as accounts
from accounts.models import Membership
from common.actor import Actor
from common.clock import now, today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import CalendarFeed, Task
from compliance.remediation import feeds, reminders, tasks
from compliance.remediation.errors import FeedNotFoundError
from compliance.remediation.tasks import TaskDraft
from outbox import services as outbox
from tests.factories.analysis import Practice, make_practice
from tests.factories.cast import choose_german, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(frozen_time: Any) -> Practice:
    return make_practice()


def open_task(practice: Practice, days: int, title: str = "Encrypt the station of Erika Mustermann") -> UUID:
    draft = TaskDraft(title, owner_id=practice.officer.id, due_date=today() + dt.timedelta(days=days))
    return tasks.open_task(actor=practice.officer, draft=draft)


def remind(practice: Practice) -> list[str]:
    """Let the clock strike, and return the subjects of all mails so far."""
    reminders.remind_everyone()
    outbox.drain([practice.tenant.id])
    return [str(message.subject) for message in mail.outbox]


@pytest.mark.req("RA-19")
def test_a_task_is_reminded_of_once_for_each_threshold(practice: Practice, frozen_time: Any) -> None:
    open_task(practice, 15)
    counts = []
    for _ in range(25):
        counts.append(len(remind(practice)))
        remind(practice)
        frozen_time.shift(dt.timedelta(days=1))

    # 14, 7 and 1 day before, on the day itself nothing, then 1 and 7 days late.
    assert [day for day in range(1, 25) if counts[day] > counts[day - 1]] == [1, 8, 14, 16, 22]


def test_thresholds_that_were_slept_through_are_one_mail(practice: Practice, frozen_time: Any) -> None:
    open_task(practice, 20)
    frozen_time.shift(dt.timedelta(days=19))

    assert len(remind(practice)) == 1


def test_a_mail_names_number_and_day_and_nothing_that_people_wrote(practice: Practice) -> None:
    open_task(practice, 7)
    (subject,) = remind(practice)

    assert subject == "Task 1 is due"
    assert "Mustermann" not in str(mail.outbox[0].body)
    assert "2026-10-09" in str(mail.outbox[0].body)


def test_a_mail_speaks_the_language_of_the_tenant_not_that_of_whoever_came_last(practice: Practice) -> None:
    open_task(practice, 7)
    with translation.override("de"):
        (in_english,) = remind(practice)
    choose_german(practice.tenant)
    open_task(practice, 7)

    in_german = remind(practice)[-1]
    assert (in_english, in_german[:9]) == ("Task 1 is due", "Aufgabe 2")


def test_what_was_done_in_the_meantime_is_not_mailed_about(practice: Practice) -> None:
    task = open_task(practice, 7)
    reminders.remind_everyone()
    tasks.finish(actor=practice.officer, task_id=task, version=1, evidence="Done")
    outbox.drain([practice.tenant.id])

    assert mail.outbox == []


def test_a_task_that_was_put_off_is_reminded_of_again(practice: Practice) -> None:
    task = open_task(practice, 7)
    remind(practice)
    with tenant_scope(practice.tenant.id):
        Task.objects.filter(id=task).update(due_date=today() + dt.timedelta(days=14))

    assert len(remind(practice)) == 2


def test_an_acceptance_is_reminded_of_before_it_ends(practice: Practice) -> None:
    task = open_task(practice, 300)
    with tenant_scope(practice.tenant.id):
        Task.objects.filter(id=task).update(
            state="accepted",
            accepted_by_id=practice.officer.id,
            accepted_at=now(),
            acceptance_reason="Ordered",
            accepted_until_date=today() + dt.timedelta(days=7),
        )

    assert remind(practice) == ["The acceptance of task 1 ends"]


# --- calendar ---------------------------------------------------------------------------------------------------------


def read(url: str) -> str:
    response = Client().get(url.removeprefix("http://127.0.0.1:8000"))
    return f"{response.status_code} {response.content.decode()}"


@pytest.mark.req("RA-19")
def test_a_calendar_program_reads_days_by_the_secret_address(practice: Practice) -> None:
    open_task(practice, 7)
    made = feeds.make_feed(actor=practice.officer)

    text = read(made.url)

    assert text.startswith("200 BEGIN:VCALENDAR\r\n")
    assert "SUMMARY:Task 1 is due\r\n" in text
    assert "DTSTART;VALUE=DATE:20261009\r\n" in text
    assert "Mustermann" not in text


def test_lines_are_folded_at_75_octets(practice: Practice) -> None:
    open_task(practice, 7)

    text = read(feeds.make_feed(actor=practice.officer).url)

    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_only_the_digest_of_the_secret_is_kept(practice: Practice) -> None:
    made = feeds.make_feed(actor=practice.officer)
    secret = made.url.split("/")[-2]

    with tenant_scope(practice.tenant.id):
        assert secret.encode() not in bytes(CalendarFeed.objects.get().secret_hash)
    assert secret not in repr(made)


@pytest.mark.parametrize("end", ["revoked", "renewed", "left", "wrong"])
def test_an_address_that_ended_answers_as_one_that_never_was(practice: Practice, end: str) -> None:
    made = feeds.make_feed(actor=practice.officer)
    url = made.url
    ends: dict[str, Callable[[], object]] = {
        "revoked": lambda: feeds.revoke_feed(actor=practice.officer),
        "renewed": lambda: feeds.make_feed(actor=practice.officer),
        "left": lambda: leave(practice.officer),
        "wrong": lambda: None,
    }
    ends[end]()
    asked = url.replace(url.split("/")[-2], "x" * 43) if end == "wrong" else url

    assert read(asked).startswith("404")


def leave(actor: Actor) -> None:
    with tenant_scope(actor.tenant_id):
        Membership.objects.filter(user_id=actor.id).update(is_active=False)
    accounts.forget()


def test_a_calendar_of_nobody_is_absent(practice: Practice) -> None:
    with pytest.raises(FeedNotFoundError):
        feeds.read_feed(feed_id=practice.officer.id, secret="x")


def test_a_calendar_belongs_to_its_own_practice(practice: Practice) -> None:
    open_task(practice, 7)
    other = make_practice()

    assert "SUMMARY" not in read(feeds.make_feed(actor=other.officer).url)


def test_without_the_right_to_read_there_is_no_calendar(practice: Practice) -> None:
    with pytest.raises(ForbiddenError):
        feeds.make_feed(actor=make_actor(practice.tenant, "dentist"))
