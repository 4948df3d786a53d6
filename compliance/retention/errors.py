"""Refusals of retention."""

from common.errors import ConflictError, InvalidInputError, NotFoundError


class RuleNotFoundError(NotFoundError):
    code = "retention-rule-not-found"
    title = "There is no such retention rule."


class RuleRefusedError(InvalidInputError):
    code = "retention-rule-refused"
    title = "This cannot be confirmed."


class HoldNotFoundError(NotFoundError):
    code = "hold-not-found"
    title = "There is no such hold, or it is not yours to see."


class HoldRefusedError(InvalidInputError):
    code = "hold-refused"
    title = "This hold cannot be placed or changed."


class ExtensionNotFoundError(NotFoundError):
    code = "extension-not-found"
    title = "There is no such longer keeping, or it is not yours to see."


class ExtensionRefusedError(InvalidInputError):
    code = "extension-refused"
    title = "This cannot be kept longer in this way."


class WishNotFoundError(NotFoundError):
    code = "wish-not-found"
    title = "There is no such request of a patient, or it is not yours to see."


class WishRefusedError(ConflictError):
    code = "wish-refused"
    title = "This request cannot be taken or answered now."


class RunNotFoundError(NotFoundError):
    code = "deletion-run-not-found"
    title = "There is no such deletion run, or it is not yours to see."


class RunStateError(ConflictError):
    code = "deletion-run-state"
    title = "The deletion run is not at a point where this can be done. Reload the page and look again."


class NothingDueError(ConflictError):
    code = "nothing-due"
    title = "Nothing is to be destroyed: no study is past its time, or all that are lie in a run already."


class RunRefusedError(InvalidInputError):
    code = "deletion-run-refused"
    title = "This run cannot be begun or changed like this."


class CoolingOffError(ConflictError):
    code = "cooling-off"
    title = "The cooling-off time is not over. A run can be approved only after it."


class SamePersonError(ConflictError):
    code = "same-approver"
    title = "You have approved this run already. A second person has to look at it."


class VisitsRefusedError(InvalidInputError):
    code = "visits-refused"
    title = "This list of visits cannot be read."
