"""Reads of the risk analysis."""

from compliance.analysis.selectors.analyses import (
    current_analysis,
    get_analysis,
    get_answer,
    get_file,
    get_section,
    is_asked,
    list_analyses,
    list_answers,
    list_assigned,
    list_files,
    list_issued,
    list_open,
    list_sections,
    list_stale_reasons,
    require_open,
    who_is_in,
)
from compliance.analysis.selectors.facts import Facts
from compliance.analysis.selectors.gates import Gate, gates, gates_of
from compliance.analysis.selectors.report import Report, report

__all__ = [
    "Facts",
    "Gate",
    "Report",
    "current_analysis",
    "gates",
    "gates_of",
    "get_analysis",
    "get_answer",
    "get_file",
    "get_section",
    "is_asked",
    "list_analyses",
    "list_answers",
    "list_assigned",
    "list_files",
    "list_issued",
    "list_open",
    "list_sections",
    "list_stale_reasons",
    "report",
    "require_open",
    "who_is_in",
]
