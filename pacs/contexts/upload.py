"""What the upload page shows, and what it tells its script."""

from dataclasses import dataclass, field

from accounts import access
from common.actor import Actor
from pacs.intake import pieces, sessions
from pacs.intake.sessions import Unfinished


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Where files are sent, where a stored study is shown, how much goes at once, and what was begun before."""

    uploads_url: str = "/uploads/"
    study_url: str = "/studies/by-uid/{uid}/"
    batch_bytes: int = 16 * 1024 * 1024
    parallel: int = 4
    piece_bytes: int = pieces.MAX_PIECE
    unfinished: list[Unfinished] = field(default_factory=list)
    can_decide: bool = False
    can_read_quarantine: bool = False


def build(*, actor: Actor) -> UploadPage:
    """Return the page of somebody (inside the open scope)."""
    return UploadPage(
        unfinished=sessions.list_unfinished(actor=actor),
        can_decide=access.allows(actor, "conflict.decide"),
        can_read_quarantine=access.allows(actor, "quarantine.read"),
    )
