"""Counting what may be done only so often."""

import datetime as dt

import pytest
import time_machine
from django.test import RequestFactory

from accounts import devices, limits
from accounts.models import RateCount
from common.clock import now
from tests.factories.sharing import in_parallel

HOUR = dt.timedelta(hours=1)


def take(key: str = "someone@example.org", limit: int = 3) -> bool:
    return limits.take("mails", key, limit=limit, window=HOUR)


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_time")
def test_the_limit_holds_within_its_window_and_for_each_alone() -> None:
    assert [take() for _ in range(4)] == [True, True, True, False]
    assert take("other@example.org")


@pytest.mark.django_db
def test_the_next_window_begins_anew(frozen_time: time_machine.Traveller) -> None:
    assert [take() for _ in range(4)][-1] is False
    frozen_time.shift(HOUR)
    assert take()


@pytest.mark.django_db
@pytest.mark.parametrize("minute", range(0, 20, 2))
def test_what_lives_for_minutes_is_used_once_in_whichever_of_them_it_begins(
    frozen_time: time_machine.Traveller, minute: int
) -> None:
    life = dt.timedelta(minutes=5)
    frozen_time.shift(dt.timedelta(minutes=minute))
    first = limits.take_once("challenge", "c", life=life)
    frozen_time.shift(life - dt.timedelta(seconds=1))

    assert (first, limits.take_once("challenge", "c", life=life)) == (True, False)


@pytest.mark.django_db
def test_no_address_can_be_read_in_the_counts() -> None:
    take()
    assert "example" not in str(list(RateCount.objects.values()))


@pytest.mark.django_db
def test_old_counts_are_swept() -> None:
    take()
    with time_machine.travel(now() + dt.timedelta(days=2)):
        limits.purge()
    assert not RateCount.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("frozen_time")
def test_of_many_at_once_exactly_as_many_as_allowed_get_through() -> None:
    assert in_parallel([take] * 20, threads=8).count(True) == 3


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605 Version/18 Safari/605", "Safari · macOS"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_so_that_its_owner_knows_it(agent: str, expected: str) -> None:
    assert devices.describe(RequestFactory().get("/", headers={"User-Agent": agent})) == expected
