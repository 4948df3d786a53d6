"""What became of one file."""

from dataclasses import dataclass, field
from enum import StrEnum

from common.errors import DomainError


class Status(StrEnum):
    STORED = "stored"
    DUPLICATE = "duplicate"
    HELD = "held"  # stored, its patient in doubt: visible to staff, not shareable until decided
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class FailureReason:
    """Failure and warning reasons of PS3.18 table I.2-1 and PS3.4 B.2.3, as used here."""

    PROCESSING_FAILURE = 0x0110
    DUPLICATE_INSTANCE = 0x0111
    OUT_OF_RESOURCES = 0xA700
    DATA_SET_MISMATCH = 0xA900
    CANNOT_UNDERSTAND = 0xC000
    STUDY_MISMATCH = 0xC409
    TRANSFER_SYNTAX = 0xC122
    WARNING_COERCION = 0xB000

    @classmethod
    def of(cls, code: str) -> int:
        """Return the failure reason of an error code of the scan."""
        return _REASONS.get(code, cls.CANNOT_UNDERSTAND)


_REASONS = {
    "bad-image-attribute": FailureReason.DATA_SET_MISMATCH,
    "fragments-inconsistent": FailureReason.DATA_SET_MISMATCH,
    "pixel-data-missing": FailureReason.DATA_SET_MISMATCH,
    "pixel-data-too-short": FailureReason.DATA_SET_MISMATCH,
    "unsupported-transfer-syntax": FailureReason.TRANSFER_SYNTAX,
}


@dataclass(slots=True)
class Verdict:
    """The verdict on one file; texts never hold a value of the patient.

    `failure_reason` is (0008,1197) for what was not stored, `warning_reason` (0008,1196) for what was stored in doubt.
    """

    status: Status
    reason: str = ""
    message: str = ""
    failure_reason: int = 0
    warning_reason: int = 0
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    size_bytes: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def is_stored(self) -> bool:
        return self.status in {Status.STORED, Status.DUPLICATE, Status.HELD}

    def refuse(self, status: Status, refusal: DomainError, failure_reason: int) -> None:
        """Turn the verdict into a refusal."""
        self.status, self.failure_reason = status, failure_reason
        self.reason, self.message = refusal.code, refusal.full_text
