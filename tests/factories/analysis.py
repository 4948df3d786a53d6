"""Practices with an inventory, and risk analyses in every state."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from accounts.models import Tenant
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.analysis import questionnaire, selectors, services
from compliance.analysis.services import Frame, Given
from compliance.assets import services as assets
from compliance.documents import issuing
from compliance.flows import services as flows
from compliance.models import Analysis, Answer, Risk
from compliance.packs.library import Catalogue
from compliance.remediation import decisions
from compliance.remediation.decisions import DecisionDraft
from compliance.risks import services as risks
from outbox import services as outbox
from tests.factories.cast import make_actor, make_tenant

SCOPE = "All images and records of the practice, wherever they are kept."


@dataclass(frozen=True)
class Practice:
    """A tenant and its compliance officer."""

    tenant: Tenant
    officer: Actor

    def add_asset(self, type_id: str, name: str, **values: Any) -> UUID:
        """Write an asset into the inventory."""
        given = {"type_id": type_id, "name": name, "ephi": "stored", **values}
        return assets.add_asset(actor=self.officer, values=given)

    def add_flow(self, source: str, target: str, channel_id: str, **values: Any) -> UUID:
        """Write a flow between two keys of the map."""
        given = {"channel_id": channel_id, **values}
        return flows.add_flow(actor=self.officer, source=source, target=target, values=given)

    def feed(self, asset_id: UUID) -> UUID:
        """Let patients' data come to an asset."""
        party = flows.add_party(actor=self.officer, values={"name": "Patients", "kind": "patient"})
        return self.add_flow(f"party:{party}", f"asset:{asset_id}", "EF-BRIDGE", ephi="stored")

    def start(self, title: str = "2026", **values: Any) -> "Walk":
        """Begin an analysis."""
        made = services.start_analysis(actor=self.officer, title=title, **values)
        return Walk(self, made.id)

    def deliver(self) -> None:
        """Run the handlers of everything that was announced."""
        outbox.drain([self.tenant.id])


@dataclass(frozen=True)
class Walk:
    """An analysis on its way."""

    practice: Practice
    id: UUID

    @property
    def officer(self) -> Actor:
        return self.practice.officer

    @cached_property
    def catalogue(self) -> Catalogue:
        return questionnaire.catalogue_of(self.row())

    def row(self) -> Analysis:
        """Return the analysis as it is stored."""
        with tenant_scope(self.officer.tenant_id):
            found: Analysis = Analysis.objects.get(id=self.id)
        return found

    def answer_row(self, question_id: str) -> Answer:
        """Return an answer as it is stored."""
        with tenant_scope(self.officer.tenant_id):
            found: Answer = Answer.objects.select_related("analysis").get(analysis_id=self.id, question_id=question_id)
        return found

    def answer(self, question_id: str, value: str, comment: str = "", *, actor: Actor | None = None) -> Answer:
        """Answer a question from its present version."""
        return services.save_answer(
            actor=actor or self.officer,
            analysis_id=self.id,
            question_id=question_id,
            version=self.answer_row(question_id).version,
            given=Given(value=value, comment=comment),
        )

    def answer_all(self) -> None:
        """Give every question its best answer, all at once."""
        best = {
            question.id: self.catalogue.scales[question.scale_id][0] for question in self.catalogue.questions.values()
        }
        with tenant_scope(self.officer.tenant_id):
            answers = Answer.objects.filter(analysis_id=self.id)
            for value in {choice.value for choice in best.values()}:
                asked = [question_id for question_id, choice in best.items() if choice.value == value]
                answers.filter(question_id__in=asked).update(
                    value=value, confirm_reason="", answered_by_id=self.officer.id, answered_at=now()
                )

    def close_all(self) -> None:
        """Close every section."""
        for section_id in self.catalogue.sections:
            services.close_section(actor=self.officer, analysis_id=self.id, section_id=section_id)

    def declare(self) -> None:
        """Say of each class of assets whether the practice has any, as the inventory says."""
        with tenant_scope(self.officer.tenant_id):
            held = {asset.class_id for asset in selectors.Facts.of(self.row()).assets}
        states = {one: "present" if one in held else "absent" for one in self.catalogue.asset_classes}
        services.declare_classes(actor=self.officer, analysis_id=self.id, states=states)

    def describe(self, **changes: Any) -> None:
        """Write a complete frame."""
        frame = Frame(
            **{
                "title": "2026",
                "scope": SCOPE,
                "period_start": dt.date(2026, 1, 1),
                "period_end": dt.date(2026, 12, 31),
                "assessor": "Cora Lind",
                "security_official": "Cora Lind",
                "practice_owner": "Olive Owens",
                "next_review_date": dt.date(2099, 1, 1),
                "review_triggers": [questionnaire.triggers_of(self.row())[0]],
                **changes,
            }
        )
        services.describe(actor=self.officer, analysis_id=self.id, frame=frame)

    def decide_specifications(self) -> None:
        """Record a decision on each addressable specification."""
        for item in self.catalogue.addressable():
            decide_specification(self.officer, item.id)

    def risks(self, **filters: Any) -> list[Risk]:
        """Return the register."""
        with tenant_scope(self.officer.tenant_id):
            return list(Risk.objects.filter(analysis_id=self.id, **filters).order_by("number"))

    def rate(self, risk: Risk, likelihood: int = 3, impact: int = 3, stage: str = "current") -> None:
        """Confirm a risk and rate it."""
        risks.confirm_risk(actor=self.officer, risk_id=risk.id)
        risks.rate_risk(
            actor=self.officer,
            risk_id=risk.id,
            stage=stage,
            likelihood=likelihood,
            impact=impact,
            reason="As seen in the practice",
        )

    def rate_all(self) -> None:
        """Confirm and rate every proposal."""
        for risk in self.risks(state="proposed"):
            self.rate(risk)

    def lacks(self, number: int) -> str:
        """Return what a gate lacks, in its own words."""
        with tenant_scope(self.officer.tenant_id):
            gate = selectors.gates(actor=self.officer, analysis_id=self.id)[number - 1]
        return " ".join(gate.lacks)

    def issue(self) -> None:
        """Issue it."""
        issuing.issue_analysis(actor=self.officer, analysis_id=self.id)

    def complete(self) -> None:
        """Do everything that the nine gates ask for."""
        self.declare()
        self.describe()
        self.answer_all()
        self.decide_specifications()
        self.rate_all()
        self.close_all()


def decide_specification(actor: Actor, spec_id: str) -> None:
    """Record that an addressable specification is implemented."""
    draft = DecisionDraft(
        outcome="implemented",
        rationale="It is reasonable and in place.",
        review_date=today() + dt.timedelta(days=300),
    )
    decisions.decide(actor=actor, spec_id=spec_id, draft=draft)


def make_practice(name: str = "") -> Practice:
    """Create a tenant with a compliance officer."""
    tenant = make_tenant(name)
    return Practice(tenant, make_actor(tenant, "compliance_officer"))


def make_small_practice() -> Practice:
    """Create a practice with one archive, of which everything is known."""
    practice = make_practice()
    archive = practice.add_asset("AT-CLOUDPACS", "Archive", ephi_volume_patients=800)
    practice.feed(archive)
    practice.deliver()
    return practice


def make_issued() -> Walk:
    """Create a small practice with an issued analysis."""
    walk = make_small_practice().start()
    walk.complete()
    walk.issue()
    return walk
