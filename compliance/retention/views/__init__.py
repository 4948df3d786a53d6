"""Pages of retention; each noun has its file."""

from compliance.retention.views import certificates, holds, overview, rules, runs, studies, wishes

__all__ = ["certificates", "holds", "overview", "rules", "runs", "studies", "wishes"]
