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
    bucket = hmac.digest(settings.SECRET_KEY.encode(), f"rate:{name}:{key}".encode(), "sha256").hex()
    row, _ = RateCount.objects.get_or_create(bucket=bucket, window_at=_window_of(now(), window))
    return bool(RateCount.objects.filter(id=row.id, used__lt=limit).update(used=F("used") + 1))


def _window_of(moment: dt.datetime, window: dt.timedelta) -> dt.datetime:
    return moment - (moment - dt.datetime(2000, 1, 1, tzinfo=dt.UTC)) % window


def purge() -> None:
    """Delete the counts of windows that are over."""
    RateCount.objects.filter(window_at__lt=now() - KEPT).delete()
