"""What can be done with a risk analysis: begun, described, answered, closed, issued, and made stale."""

from compliance.analysis.services.answering import Given, assign, save_answer
from compliance.analysis.services.describing import Frame, declare_classes, describe
from compliance.analysis.services.files import MAX_BYTES, Opened, Upload, attach_file, open_file, remove_file
from compliance.analysis.services.issuing import issue, reopen_analysis
from compliance.analysis.services.sections import close_section, note_visit, reopen_section
from compliance.analysis.services.staleness import mark_stale
from compliance.analysis.services.starting import start_analysis

__all__ = [
    "MAX_BYTES",
    "Frame",
    "Given",
    "Opened",
    "Upload",
    "assign",
    "attach_file",
    "close_section",
    "declare_classes",
    "describe",
    "issue",
    "mark_stale",
    "note_visit",
    "open_file",
    "remove_file",
    "reopen_analysis",
    "reopen_section",
    "save_answer",
    "start_analysis",
]
