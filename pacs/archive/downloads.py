"""Taking originals away: counted against the limit of a link, and written down, before the first byte."""

import hashlib
from collections.abc import Sequence

from audit import services as audit
from common.actor import Actor
from pacs import gate, leaving, overlay
from pacs.errors import OriginalsNameAnotherError
from pacs.gate import Reached
from pacs.selectors import InstanceRef


def count(actor: Actor) -> None:
    """Count one download of a guest; raises when the link allows no more."""
    if actor.grant is not None and not leaving.is_nothing():
        actor.grant.begin_download()


def begin(reached: Reached, instances: Sequence[InstanceRef]) -> None:
    """Let somebody take originals away: count it, and write it down.

    Raises
    ------
    OriginalsNameAnotherError
        When a guest or patient would get the name of somebody else, whose study this was taken for.
    """
    if reached.actor.grant is not None and any(overlay.names_another(instance.overlay) for instance in instances):
        raise OriginalsNameAnotherError
    count(reached.actor)
    record(reached, instances)


def record(reached: Reached, instances: Sequence[InstanceRef]) -> None:
    """Write which originals leave: their number, and one hash over the hashes of all of them in order."""
    if leaving.is_nothing():
        return
    digest = hashlib.sha256(b"".join(instance.sha256 for instance in instances)).hexdigest()
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=reached.study.id, purpose="download")
        audit.record(
            actor=reached.actor,
            action="study.exported",
            study_id=reached.study.id,
            patient_id=reached.study.patient_row_id,
            detail={"instances": len(instances), "sha256": digest},
        )
