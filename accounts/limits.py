"""How often something may be done within a window of time, whoever asks and in however many processes."""

import datetime as dt
import hmac

from django.conf import settings
from django.db.models import F

from accounts.models import RateCount
from common.clock import now

KEPT = dt.timedelta(days=1)


def take(name: str, key: str, *, limit: int, window: dt.timedelta) -> bool:
    """Count one use and say whether it was within the limit: one atomic statement decides."""
    return _count(name, key, limit=limit, window_at=_window_of(now(), window))


def take_once(name: str, key: str, *, life: dt.timedelta) -> bool:
    """Say whether this is the first use of something that lives so long."""
    # A later use comes in the same window, or in that which ends its life.
    windows = {_window_of(moment, 2 * life) for moment in (now(), now() + life)}
    return all(_count(name, key, limit=1, window_at=window_at) for window_at in sorted(windows))


def _count(name: str, key: str, *, limit: int, window_at: dt.datetime) -> bool:
    bucket = hmac.digest(settings.SECRET_KEY.encode(), f"rate:{name}:{key}".encode(), "sha256").hex()
    row, _ = RateCount.objects.get_or_create(bucket=bucket, window_at=window_at)
    return bool(RateCount.objects.filter(id=row.id, used__lt=limit).update(used=F("used") + 1))


def _window_of(moment: dt.datetime, window: dt.timedelta) -> dt.datetime:
    return moment - (moment - dt.datetime(2000, 1, 1, tzinfo=dt.UTC)) % window


def purge() -> None:
    """Delete the counts of windows that are over."""
    RateCount.objects.filter(window_at__lt=now() - KEPT).delete()
