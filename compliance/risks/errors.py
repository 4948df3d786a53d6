"""Refusals of the risk register."""

from common.errors import ConflictError, InvalidInputError, NotFoundError


class RiskNotFoundError(NotFoundError):
    code = "risk-not-found"
    title = "There is no such risk, or it is not yours to see."


class RatingRefusedError(InvalidInputError):
    code = "rating-refused"
    title = "A rating is a likelihood and an impact from 1 to 5, with a reason."


class RiskUndecidedError(ConflictError):
    code = "risk-undecided"
    title = "Confirm or dismiss this risk first."
