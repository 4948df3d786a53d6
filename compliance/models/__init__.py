"""The rows of the risk analysis; each noun has its file."""

from compliance.models.analysis import Analysis, Answer, AnswerFile, SectionState, SectionVisit, StaleReason
from compliance.models.asset import Asset, AssetPhoto, DeviceSighting
from compliance.models.change import InventoryChange
from compliance.models.decision import SpecDecision
from compliance.models.deletion import DeletionItem, DeletionNotice, DeletionRun
from compliance.models.document import DocumentSnapshot
from compliance.models.evidence import Activity, ProbeReading, ProbeRun, ProbeState, Verdict
from compliance.models.flow import DataFlow, Party
from compliance.models.incident import BreachAssessment, BreachNotice, ExposureReport, Incident
from compliance.models.pack import PackChoice
from compliance.models.policy import (
    Acknowledgement,
    Policy,
    PolicyApproval,
    PolicyVersion,
    Sanction,
    TrainingRecord,
)
from compliance.models.record import RecordEntry
from compliance.models.request import AccessRequest, Disclosure
from compliance.models.retention import (
    KeepingExtension,
    KeepingRequest,
    PatientCircumstances,
    RetentionHold,
    RetentionPolicy,
    RuleConfirmation,
)
from compliance.models.risk import RatingChange, Risk, RiskExemption, RiskOrigin
from compliance.models.snapshot import Snapshot
from compliance.models.task import CalendarFeed, Task, TaskEvent, TaskReminder
from compliance.models.vendor import (
    Agreement,
    AgreementCopy,
    AgreementReminder,
    ClauseFinding,
    ExitProof,
    Known,
    SubProcessor,
    Vendor,
    VendorUse,
)

__all__ = [
    "AccessRequest",
    "Acknowledgement",
    "Activity",
    "Agreement",
    "AgreementCopy",
    "AgreementReminder",
    "Analysis",
    "Answer",
    "AnswerFile",
    "Asset",
    "AssetPhoto",
    "BreachAssessment",
    "BreachNotice",
    "CalendarFeed",
    "ClauseFinding",
    "DataFlow",
    "DeletionItem",
    "DeletionNotice",
    "DeletionRun",
    "DeviceSighting",
    "Disclosure",
    "DocumentSnapshot",
    "ExitProof",
    "ExposureReport",
    "Incident",
    "InventoryChange",
    "KeepingExtension",
    "KeepingRequest",
    "Known",
    "PackChoice",
    "Party",
    "PatientCircumstances",
    "Policy",
    "PolicyApproval",
    "PolicyVersion",
    "ProbeReading",
    "ProbeRun",
    "ProbeState",
    "RatingChange",
    "RecordEntry",
    "RetentionHold",
    "RetentionPolicy",
    "Risk",
    "RiskExemption",
    "RiskOrigin",
    "RuleConfirmation",
    "Sanction",
    "SectionState",
    "SectionVisit",
    "Snapshot",
    "SpecDecision",
    "StaleReason",
    "SubProcessor",
    "Task",
    "TaskEvent",
    "TaskReminder",
    "TrainingRecord",
    "Vendor",
    "VendorUse",
    "Verdict",
]
