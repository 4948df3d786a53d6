"""The page that says who holds which key, and what would come back."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Tenant
from common.clock import now
from tests.factories.browsers import enter_as
from tests.factories.studies import make_study
from vault import backup_log, storage
from vault.recovery import RecoveryKey

pytestmark = pytest.mark.django_db


def text(client: Client) -> str:
    return " ".join(client.get("/keys/").content.decode().split())


@pytest.fixture
def _no_backups() -> None:
    for key in (backup_log.LOG_KEY, backup_log.TESTS_KEY):
        storage.current().put(key, b"[]", is_replacing=True)


@pytest.mark.req("X-04")
def test_it_says_who_holds_the_root_key_and_since_when(tenant: Tenant, officer: Client) -> None:
    make_study(tenant.id)

    page = text(officer)

    assert "The operator of this portal" in page
    assert "It answers" in page
    assert "number 1, since" in page


@pytest.mark.usefixtures("_no_backups")
def test_it_warns_where_nothing_would_come_back(officer: Client) -> None:
    page = text(officer)

    assert "none: nothing is stored yet" in page
    assert "if the keyring is lost, everything is lost" in page
    assert page.count("never") >= 2


@pytest.mark.usefixtures("_no_backups")
@pytest.mark.parametrize(
    ("is_sound", "words"), [(True, "Everything came back"), (False, "Something did not come back")]
)
def test_it_tells_of_the_last_restore_into_scratch(officer: Client, settings: Any, is_sound: bool, words: str) -> None:
    settings.BITEWING_RECOVERY_RECIPIENTS = ",".join(RecoveryKey.fresh().recipient for _ in range(2))
    backup_log.note(files=3, is_encrypted=True, is_elsewhere=True)
    backup_log.note_test(at=now(), report="reports/x.json", is_sound=is_sound, opened=1, objects=2)

    page = text(officer)

    assert words in page
    assert "2, held apart from the portal" in page


@pytest.mark.parametrize("role", ["dentist", "assistant", "radiologist"])
def test_it_is_for_those_who_answer_for_it(tenant: Tenant, role: str) -> None:
    assert enter_as(tenant, role).get("/keys/").status_code == 403
