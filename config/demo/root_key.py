"""The demo's root key: made before other processes need it, and told in plain words."""

import logging

from vault import services as vault


class _Notice(logging.Filter):
    """Keeps back the line that a root key was made: the demo says it in words of its own."""

    was_made = False

    def filter(self, record: logging.LogRecord) -> bool:
        is_it = isinstance(record.msg, dict) and record.msg.get("event") == "root_key.created"
        self.was_made = self.was_made or is_it
        return not is_it


def open_vault() -> bool:
    """Open the vault; say whether its root key was made."""
    notice, log = _Notice(), logging.getLogger("bitewing.vault")
    log.addFilter(notice)
    vault.probe()
    log.removeFilter(notice)
    return notice.was_made
