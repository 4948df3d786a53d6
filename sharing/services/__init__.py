"""What can be done with links and patients' accesses: made, opened, used, ended."""

from sharing.services.admitting import Slip, admit_patient, revoke_access
from sharing.services.downloading import count_download
from sharing.services.entering import Entered, begin_session, confirm_mail_code, present_code, resend_mail_code
from sharing.services.guesting import end_session, note_activity, note_listing
from sharing.services.noticing import announce_report, send_notice, tell_of_deletion
from sharing.services.objecting import object_to_training
from sharing.services.opening import CODE_MINUTES, Opened, confirm_code, open_link, resend_code
from sharing.services.passkeys import Ceremony, begin_passkey, begin_return, come_back, keep_passkey
from sharing.services.revoking import end_empty_links, revoke_link, stop_share
from sharing.services.sharing import (
    DEFAULT_DAYS,
    DEFAULT_USES,
    MAX_DAYS,
    MAX_FORWARD_DAYS,
    MAX_STUDIES,
    MAX_USES,
    Consent,
    Made,
    Terms,
    forward_studies,
    share_studies,
)
from sharing.services.upkeep import purge
from sharing.services.visiting import end_visit, note_page, note_visit

__all__ = [
    "CODE_MINUTES",
    "DEFAULT_DAYS",
    "DEFAULT_USES",
    "MAX_DAYS",
    "MAX_FORWARD_DAYS",
    "MAX_STUDIES",
    "MAX_USES",
    "Ceremony",
    "Consent",
    "Entered",
    "Made",
    "Opened",
    "Slip",
    "Terms",
    "admit_patient",
    "announce_report",
    "begin_passkey",
    "begin_return",
    "begin_session",
    "come_back",
    "confirm_code",
    "confirm_mail_code",
    "count_download",
    "end_empty_links",
    "end_session",
    "end_visit",
    "forward_studies",
    "keep_passkey",
    "note_activity",
    "note_listing",
    "note_page",
    "note_visit",
    "object_to_training",
    "open_link",
    "present_code",
    "purge",
    "resend_code",
    "resend_mail_code",
    "revoke_access",
    "revoke_link",
    "send_notice",
    "share_studies",
    "stop_share",
    "tell_of_deletion",
]
