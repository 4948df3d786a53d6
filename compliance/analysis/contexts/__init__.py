"""What the pages of the risk analysis show."""

from compliance.analysis.contexts.answers import AnswerPage, AssignedPage, answer_page, assigned_page, conflict_of
from compliance.analysis.contexts.overview import (
    AnalysesPage,
    AnalysisPage,
    FramePage,
    GatesPage,
    analyses_page,
    analysis_page,
    frame_page,
    gates_page,
)
from compliance.analysis.contexts.sections import Presence, SectionPage, presence, section_page

__all__ = [
    "AnalysesPage",
    "AnalysisPage",
    "AnswerPage",
    "AssignedPage",
    "FramePage",
    "GatesPage",
    "Presence",
    "SectionPage",
    "analyses_page",
    "analysis_page",
    "answer_page",
    "assigned_page",
    "conflict_of",
    "frame_page",
    "gates_page",
    "presence",
    "section_page",
]
