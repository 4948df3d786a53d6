"""What can be done with links: made, opened, used, ended."""

from sharing.services.downloading import count_download
from sharing.services.guesting import end_session, note_activity, note_listing
from sharing.services.opening import CODE_MINUTES, Opened, confirm_code, open_link, resend_code
from sharing.services.revoking import revoke_link
from sharing.services.sharing import DEFAULT_DAYS, DEFAULT_USES, MAX_DAYS, MAX_USES, Made, Terms, share_studies

__all__ = [
    "CODE_MINUTES",
    "DEFAULT_DAYS",
    "DEFAULT_USES",
    "MAX_DAYS",
    "MAX_USES",
    "Made",
    "Opened",
    "Terms",
    "confirm_code",
    "count_download",
    "end_session",
    "note_activity",
    "note_listing",
    "open_link",
    "resend_code",
    "revoke_link",
    "share_studies",
]
