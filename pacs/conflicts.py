"""Why the patient of a study is in doubt, and whom its images are to be compared with."""

from typing import TYPE_CHECKING, Any, Final

from pacs.identity import Identity

if TYPE_CHECKING:
    from pacs.models import Patient, Study

# The id of the images belongs to somebody of another name or birth date.
PATIENT_DIFFERS: Final = "patient-differs"
# Images of one study name several patients.
MIXED: Final = "mixed-patient"


def against(patient: "Patient") -> dict[str, Any]:
    """Return whom a study is compared with: a patient who is known."""
    return {"patient": str(patient.id), "identity": Identity.of_patient(patient).to_json()}


def within(claim: Identity) -> dict[str, Any]:
    """Return whom a study is compared with: what other images of the same study say."""
    return {"patient": None, "identity": claim.to_json()}


def is_foreign(study: "Study", claim: Identity) -> bool:
    """Say whether an image that arrives for a study names another patient than its images did so far."""
    images = Identity.of_images(study)
    if claim == images:
        # Nearly always, and once for each slice: words need not be folded for it.
        return False
    named = [images]
    if study.overlay:
        named += [Identity.from_json(one) for one in study.overlay.get("also", [])]
    return all(one.patient_id != claim.patient_id or one.contradicts(claim) for one in named)
