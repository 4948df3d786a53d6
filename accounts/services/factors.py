"""A person's own second factors, changed by their owner."""

from django.db import transaction
from django_otp.models import Device

from accounts import factors, selectors
from accounts.errors import WrongCodeError
from accounts.events import AccountChanged
from accounts.services import sessions
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from outbox import services as outbox


def print_codes(*, actor: Actor) -> list[str]:
    """Return ten new printed codes; the older ones end."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        codes = factors.print_codes(selectors.get_user(actor.id))
        audit.record(actor=actor, action="factor.codes-printed", subject_id=actor.id)
        outbox.publish(AccountChanged(tenant_id=actor.tenant_id, user_id=actor.id, what="codes"))
    return codes


def replace_authenticator(*, actor: Actor, code: str, current_key: str) -> Device:
    """Put a new authenticator in the place of the present one; all other sessions end."""
    with tenant_scope(actor.tenant_id):
        user = selectors.get_user(actor.id)
        device = factors.confirm_authenticator(user, code=code, session_key=current_key)
        if device is None:
            raise WrongCodeError()
        with transaction.atomic():
            audit.record(actor=actor, action="factor.replaced", subject_id=actor.id)
            outbox.publish(AccountChanged(tenant_id=actor.tenant_id, user_id=actor.id, what="factor"))
    sessions.end_all(user_id=actor.id, but_key=current_key)
    return device
