"""Changes to tenants, people and credentials."""

from accounts.brand import MAX_LOGO_BYTES
from accounts.services.directory import enlist, strike, tenant_of_name
from accounts.services.emergencies import (
    EMERGENCY_MINUTES,
    MIN_REASON,
    end_emergency,
    notify_officers,
    open_emergency,
    review_emergency,
    under_emergency,
)
from accounts.services.factors import print_codes, replace_authenticator
from accounts.services.invitations import (
    Answer,
    accept,
    invite,
    read_offer,
    resend_invitation,
    revoke_invitation,
    send_invitation,
)
from accounts.services.mailing import send as send_mail
from accounts.services.members import change_member, create_member, deactivate_member, reset_factor
from accounts.services.passwords import (
    ask_reset,
    change_password,
    find_reset,
    hand_out_link,
    reset_password,
    send_reset,
)
from accounts.services.referrers import Card, add_referrer, change_referrer, remove_referrer
from accounts.services.sessions import end_one, end_others, note_tenant
from accounts.services.sites import add_site, change_site
from accounts.services.tenants import (
    Choices,
    change_settings,
    create_tenant,
    register_credential,
    set_logo,
    tenant_id_of_slug,
)
from accounts.services.tokens import create_token, note_use, revoke_token
from accounts.services.upkeep import purge

__all__ = [
    "EMERGENCY_MINUTES",
    "MAX_LOGO_BYTES",
    "MIN_REASON",
    "Answer",
    "Card",
    "Choices",
    "accept",
    "add_referrer",
    "add_site",
    "ask_reset",
    "change_member",
    "change_password",
    "change_referrer",
    "change_settings",
    "change_site",
    "create_member",
    "create_tenant",
    "create_token",
    "deactivate_member",
    "end_emergency",
    "end_one",
    "end_others",
    "enlist",
    "find_reset",
    "hand_out_link",
    "invite",
    "note_tenant",
    "note_use",
    "notify_officers",
    "open_emergency",
    "print_codes",
    "purge",
    "read_offer",
    "register_credential",
    "remove_referrer",
    "replace_authenticator",
    "resend_invitation",
    "reset_factor",
    "reset_password",
    "review_emergency",
    "revoke_invitation",
    "revoke_token",
    "send_invitation",
    "send_mail",
    "send_reset",
    "set_logo",
    "strike",
    "tenant_id_of_slug",
    "tenant_of_name",
    "under_emergency",
]
