"""What this part does when something was announced."""

from compliance.analysis.events import AnalysisIssued
from compliance.documents import snapshots


def make_snapshot(event: AnalysisIssued) -> None:
    """Make the documents of an analysis that was issued."""
    snapshots.make_snapshot(tenant_id=event.tenant_id, analysis_id=event.analysis_id)
