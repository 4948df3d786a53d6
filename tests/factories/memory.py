"""What a process remembers for seconds, made to last: a slow machine asks no more questions than a fast one."""

import pytest

_REMEMBERED = (
    "accounts.selectors.decisions.CACHE_S",
    "audit.services.recording.FLUSH_S",
    "pacs.dicomweb.access.DECISION_S",
    "pacs.worklist.STORAGE_AGE_S",
    "sharing.patients.CACHE_S",
    "sharing.selectors.CACHE_S",
    "vault.watch.LOOK_S",
)


def remember_long(patch: pytest.MonkeyPatch) -> None:
    """Let it last until the patch is undone."""
    for lasts in _REMEMBERED:
        patch.setattr(lasts, 3600.0)
