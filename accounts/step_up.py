"""Step-up: what is dangerous asks for a second factor that is at most five minutes old (SECURITY-DESIGN part 6)."""

import time

from django.http import HttpRequest

from accounts import factors, marks, signing_in
from accounts.errors import FreshFactorError, WrongCodeError
from accounts.models import User
from common.actor import ActorKind
from common.refusals import reason_of

FRESH_S = 5 * 60
# The field in which a code comes along with the form that needs it.
FIELD = "step-up-code"


def require(request: HttpRequest, *, is_carried: bool = True) -> None:
    """Raise unless the second factor of the person who acts is fresh; a code that came with the form makes it so.

    A token has no factor, its scopes limit it. Call it after the rights are checked: a stranger learns nothing here.

    Raises
    ------
    FreshFactorError
        The answer is a page that asks for a code and then sends the same form again. With `is_carried` false nothing
        of the form is kept in that page: for passwords, and for files, which a page cannot keep.
    """
    is_person = any(actor.kind is ActorKind.USER for actor in request.actors)  # type: ignore[attr-defined]  # ours
    if not is_person or is_fresh(request):
        return
    code = request.POST.get(FIELD, "")
    if not code:
        raise FreshFactorError(is_carried=is_carried)
    try:
        confirm(request, code=code)
    except WrongCodeError as error:
        raise FreshFactorError(reason_of(error), is_carried=is_carried) from None


def is_fresh(request: HttpRequest) -> bool:
    """Say whether a second factor was given within the last five minutes."""
    age_s = time.time() - request.session.get(marks.FACTOR, 0)
    return bool(0 <= age_s <= FRESH_S)


def confirm(request: HttpRequest, *, code: str) -> None:
    """Take a code of the authenticator, or a printed one."""
    user = request.user
    if not isinstance(user, User):
        raise WrongCodeError
    is_digits = "".join(code.split()).isdigit()
    match = factors.match_authenticator if is_digits else factors.match_printed
    if match(user, code="".join(code.split())) is None:
        raise WrongCodeError
    signing_in.mark_factor(request.session)
