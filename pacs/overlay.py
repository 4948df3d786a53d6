"""The patient that a study is served under, laid over headers that name another; the originals stay as they are.

A study's overlay is ``{"identity", "images", "is_same_person", "at"}``: whom people decided on, whom the images name,
whether both are one person, and when that was decided. One that was split off another has ``"uids"`` besides: the Study
Instance UID that it is ``"served"`` under, and the one that its ``"images"`` name.
"""

import datetime as dt
from typing import Any

from pydicom import Dataset

from pacs.dicom.identifying import identify
from pacs.dicom.implementation import IMPLEMENTATION_VERSION_NAME
from pacs.dicom.json_model import Attributes, tag_of
from pacs.identity import Identity

Overlay = dict[str, Any]

# What else the Patient Module and its neighbours say of a person (PS3.3 C.2.2, C.2.3, C.2.4, C.7.1.1, C.7.2.2): true of
# somebody else once the study is another person's.
PERSONAL = tuple(
    tag_of(keyword)
    for keyword in (
        "IssuerOfPatientIDQualifiersSequence",
        "OtherPatientIDs",
        "OtherPatientIDsSequence",
        "OtherPatientNames",
        "PatientBirthName",
        "PatientBirthTime",
        "PatientMotherBirthName",
        "PatientAddress",
        "PatientTelephoneNumbers",
        "PatientComments",
        "PatientAge",
        "PatientSize",
        "PatientWeight",
        "EthnicGroup",
        "Occupation",
        "MedicalRecordLocator",
        "MilitaryRank",
        "BranchOfService",
        "InsurancePlanIdentification",
        "CountryOfResidence",
        "RegionOfResidence",
        "PatientReligiousPreference",
        "ResponsiblePerson",
        "MedicalAlerts",
        "Allergies",
        "AdditionalPatientHistory",
        "PregnancyStatus",
        "AdmissionID",
    )
)
_ORIGINAL_ATTRIBUTES = tag_of("OriginalAttributesSequence")
_STUDY_INSTANCE_UID = tag_of("StudyInstanceUID")


def make(*, identity: Identity, images: Identity, is_same_person: bool, at: dt.datetime) -> Overlay:
    """Return the overlay of a study."""
    return {
        "identity": identity.to_json(),
        "images": images.to_json(),
        "is_same_person": is_same_person,
        "at": at.isoformat(),
    }


def is_split_off(overlay: Overlay | None) -> bool:
    """Say whether the original files name another study than the one that they are served in."""
    return overlay is not None and "uids" in overlay


def values(overlay: Overlay) -> Attributes:
    """Return the elements that are served instead of those of the images."""
    found = Identity.from_json(overlay["identity"]).attributes()
    if is_split_off(overlay):
        found[_STUDY_INSTANCE_UID] = {"vr": "UI", "Value": [overlay["uids"]["served"]]}
    return found


def left_out(overlay: Overlay) -> tuple[str, ...]:
    """Return the tags that are not served at all, because they tell of somebody else."""
    return PERSONAL if names_another(overlay) else ()


def names_another(overlay: Overlay | None) -> bool:
    """Say whether the original files name another person than whom the study belongs to."""
    return overlay is not None and not overlay["is_same_person"]


def apply(header: Attributes, overlay: Overlay) -> Attributes:
    """Return a header as it is served, with its Original Attributes Sequence (PS3.3 C.12.1.1.9).

    Where the images name another person, that person's values are not given to the readers of this one: the modified
    attributes stand there without them.
    """
    given = values(overlay)
    changed = {tag: header[tag] for tag in given if header.get(tag) != given[tag] and tag in header}
    is_same_person = not names_another(overlay)
    changed |= {tag: header[tag] for tag in left_out(overlay) if tag in header}
    served = {tag: value for tag, value in header.items() if tag not in changed}
    served |= given
    served[_ORIGINAL_ATTRIBUTES] = _element(
        [*(_earlier(header) if is_same_person else []), _item(changed, overlay["at"], is_same_person=is_same_person)]
    )
    return dict(sorted(served.items()))


def lay_over(header: Dataset, overlay: Overlay) -> None:
    """Give the elements of an object, as they were read from it, what `apply` gives to its header."""
    identify(
        header,
        values(overlay),
        left_out=left_out(overlay),
        is_same_person=not names_another(overlay),
        at=dt.datetime.fromisoformat(overlay["at"]),
    )


def _item(changed: Attributes, at: str, *, is_same_person: bool) -> Attributes:
    before = changed if is_same_person else {tag: {"vr": value["vr"]} for tag, value in changed.items()}
    moment = dt.datetime.fromisoformat(at).strftime("%Y%m%d%H%M%S.%f%z")
    return {
        tag_of("ModifiedAttributesSequence"): {"vr": "SQ", "Value": [before]},
        tag_of("AttributeModificationDateTime"): {"vr": "DT", "Value": [moment]},
        tag_of("ModifyingSystem"): {"vr": "LO", "Value": [IMPLEMENTATION_VERSION_NAME]},
        tag_of("SourceOfPreviousValues"): {"vr": "LO"},
        tag_of("ReasonForTheAttributeModification"): {"vr": "CS", "Value": ["CORRECT"]},
    }


def _earlier(header: Attributes) -> list[Attributes]:
    """Return what other systems recorded before."""
    items: list[Attributes] = header.get(_ORIGINAL_ATTRIBUTES, {}).get("Value", [])
    return items


def _element(items: list[Attributes]) -> dict[str, Any]:
    return {"vr": "SQ", "Value": items}
