"""What this package does when something was announced."""

from accounts import selectors, services
from accounts.events import AccountChanged, EmergencyOpened, InvitationMade, PasswordResetAsked


def send_invitation(event: InvitationMade) -> None:
    """Mail an invitation."""
    services.send_invitation(tenant_id=event.tenant_id, invitation_id=event.invitation_id)


def send_reset(event: PasswordResetAsked) -> None:
    """Mail a link to choose a new password."""
    services.send_reset(tenant_id=event.tenant_id, reset_id=event.reset_id, why=event.why)


def tell_owner(event: AccountChanged) -> None:
    """Tell a person that something about the account changed."""
    user = selectors.get_user(event.user_id)
    services.send_mail(f"account_{event.what}", tenant_id=event.tenant_id, to=user.email)


def notify_officers(event: EmergencyOpened) -> None:
    """Tell the compliance officers that somebody broke the glass."""
    services.notify_officers(tenant_id=event.tenant_id, emergency_id=event.emergency_id)
