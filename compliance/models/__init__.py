"""The rows of the risk analysis; each noun has its file."""

from compliance.models.analysis import Analysis, Answer, AnswerFile, SectionState, SectionVisit, StaleReason
from compliance.models.asset import Asset, AssetPhoto, DeviceSighting
from compliance.models.change import InventoryChange
from compliance.models.decision import SpecDecision
from compliance.models.deletion import DeletionItem, DeletionNotice, DeletionRun
from compliance.models.evidence import Activity, ProbeReading, ProbeRun, ProbeState, Verdict
from compliance.models.flow import DataFlow, Party
from compliance.models.pack import PackChoice
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

__all__ = [
    "Activity",
    "Analysis",
    "Answer",
    "AnswerFile",
    "Asset",
    "AssetPhoto",
    "CalendarFeed",
    "DataFlow",
    "DeletionItem",
    "DeletionNotice",
    "DeletionRun",
    "DeviceSighting",
    "InventoryChange",
    "KeepingExtension",
    "KeepingRequest",
    "PackChoice",
    "Party",
    "PatientCircumstances",
    "ProbeReading",
    "ProbeRun",
    "ProbeState",
    "RatingChange",
    "RetentionHold",
    "RetentionPolicy",
    "Risk",
    "RiskExemption",
    "RiskOrigin",
    "RuleConfirmation",
    "SectionState",
    "SectionVisit",
    "Snapshot",
    "SpecDecision",
    "StaleReason",
    "Task",
    "TaskEvent",
    "TaskReminder",
    "Verdict",
]
