"""How signing in is guarded: settings as they are in force, and what was tried."""

from typing import Any, Final
from uuid import UUID

from django.conf import settings

from accounts import access, figures
from compliance.evidence import activities
from compliance.evidence.arithmetic import counted, days_since
from compliance.evidence.reading import Measured
from compliance.evidence.registry import probe
from compliance.models import Activity

LONG_ENOUGH: Final = 12
BURST: Final = 5
OLD_DAYS: Final = 365


def _validators() -> dict[str, dict[str, Any]]:
    rows: Any = settings.AUTH_PASSWORD_VALIDATORS
    return {row["NAME"].rpartition(".")[2]: row.get("OPTIONS", {}) for row in rows}


def locks_out() -> bool:
    is_asked = "axes.backends.AxesStandaloneBackend" in settings.AUTHENTICATION_BACKENDS
    is_on = getattr(settings, "AXES_ENABLED", True)
    return bool(is_asked and is_on and 0 < settings.AXES_FAILURE_LIMIT <= 10)


@probe("P-PWPOLICY")
def password_rules(_tenant_id: UUID) -> Measured:
    """Say whether passwords are long, not among the known ones, and guessing ends in a lock-out."""
    found = _validators()
    is_long = found.get("MinimumLengthValidator", {}).get("min_length", 0) >= LONG_ENOUGH
    is_checked = any("Common" in name or "Pwned" in name or "Breach" in name for name in found)
    missing = [
        text
        for text, holds in (
            (f"at least {LONG_ENOUGH} characters", is_long),
            ("a check against known passwords", is_checked),
            ("a lock-out", locks_out()),
        )
        if not holds
    ]
    return Measured(
        not missing,
        f"Missing: {', '.join(missing)}." if missing else "Length, known passwords and lock-out are in force.",
    )


@probe("P-LOCKOUT")
def lock_out(_tenant_id: UUID) -> Measured:
    """Say whether an account locks after wrong passwords."""
    if not locks_out():
        return Measured(value=False, detail="Wrong passwords do not lock an account.")
    return Measured(value=True, detail=f"An account locks after {settings.AXES_FAILURE_LIMIT} wrong passwords.")


@probe("P-LOGINFAIL")
def failed_bursts(_tenant_id: UUID) -> Measured:
    """Count the accounts at which passwords were guessed since somebody last reviewed the log."""
    reviewed = activities.last(Activity.Kind.LOG_REVIEW)
    attempts = figures.failed_sign_ins(since=reviewed.recorded_at if reviewed else None)
    bursts = [one for one in attempts if one.failures >= BURST]
    return Measured(
        len(bursts),
        f"{counted(len(bursts), 'account', 'accounts')} with {BURST} or more wrong passwords since the last review.",
    )


@probe("P-APIKEY-AGE")
def old_tokens(_tenant_id: UUID) -> Measured:
    """Count the tokens that are older than a year."""
    tokens = figures.tokens()
    old = [token for token in tokens if days_since(token.created_at) > OLD_DAYS]
    return Measured(
        len(old), f"{len(old)} of {counted(len(tokens), 'working token', 'working tokens')} older than {OLD_DAYS} days."
    )


@probe("P-APIKEY-SCOPE")
def unlimited_tokens(_tenant_id: UUID) -> Measured:
    """Count the tokens whose scopes do not limit them: none, an unknown one, or all there are."""
    known = set(access.matrix()["scopes"])
    tokens = figures.tokens()
    loose = [token for token in tokens if not token.scopes or set(token.scopes) - known or set(token.scopes) == known]
    return Measured(
        len(loose),
        f"{len(loose)} of {counted(len(tokens), 'working token', 'working tokens')} without a narrowing scope.",
    )
