"""What can be done with the risk register: proposed, decided, rated, answered."""

from compliance.risks.services.carrying import carry_over
from compliance.risks.services.deciding import (
    choose_response,
    confirm_risk,
    describe_risk,
    dismiss_risk,
    exempt_asset,
    rate_risk,
)
from compliance.risks.services.proposing import propose_for_answer, propose_from_inventory

__all__ = [
    "carry_over",
    "choose_response",
    "confirm_risk",
    "describe_risk",
    "dismiss_risk",
    "exempt_asset",
    "propose_for_answer",
    "propose_from_inventory",
    "rate_risk",
]
