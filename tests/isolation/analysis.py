"""One of everything of the victim's risk analysis."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Tenant
from common.scope import tenant_scope
from compliance.analysis import services
from compliance.analysis.services import Given, Upload
from compliance.models import Analysis, Answer, AnswerFile, Risk, SectionState
from compliance.risks import services as risks
from tests.factories.cast import make_actor

QUESTION, SECTION = "Q-S1-01", "S1"


def make_ids(tenant: Tenant) -> dict[str, Sequence[Any]]:
    """Make one of each, and return their ids."""
    officer = make_actor(tenant, "compliance_officer")
    analysis = services.start_analysis(actor=officer, title="Canary analysis")
    place: dict[str, Any] = {"actor": officer, "analysis_id": analysis.id, "question_id": QUESTION}
    services.save_answer(**place, version=1, given=Given(value="none", comment="Canary comment"))
    upload = Upload(file_name="canary.txt", media_type="text/plain", data=b"Canary evidence")
    file = services.attach_file(**place, upload=upload)
    with tenant_scope(tenant.id):
        risk_id = Risk.objects.filter(origins__question_id=QUESTION).values_list("id", flat=True).get()
    risks.confirm_risk(actor=officer, risk_id=risk_id)
    risks.rate_risk(actor=officer, risk_id=risk_id, stage="current", likelihood=3, impact=3, reason="Canary reason")
    return {
        "analysis_id": (analysis.id,),
        "question_id": (QUESTION,),
        "section_id": (SECTION,),
        "file_id": (file.id,),
        "risk_id": (risk_id,),
    }


def state() -> dict[str, list[Any]]:
    """Return what an intruder could have changed (inside the open scope)."""
    return {
        "analyses": list(Analysis.objects.order_by("id").values_list("id", "state", "title", "scope")),
        "answers": list(Answer.objects.order_by("id").values_list("id", "version", "assignee")),
        "evidence": list(AnswerFile.objects.order_by("id").values_list("id", "removed_at")),
        "sections": list(SectionState.objects.order_by("id").values_list("id", "closed_at")),
        "risks": list(Risk.objects.order_by("id").values_list("id", "state", "current_level", "response")),
    }
