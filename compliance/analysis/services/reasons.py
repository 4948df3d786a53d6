"""Reasons that people give."""

from compliance.analysis.errors import ReasonMissingError


def need(reason: str) -> str:
    """Return a reason without blanks around it, or refuse an empty one."""
    if not (stripped := reason.strip()):
        raise ReasonMissingError
    return stripped
