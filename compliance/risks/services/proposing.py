"""Proposals: pairs of threat and vulnerability on what the practice has, for a person to confirm or dismiss."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Max, Q

from common.actor import Actor
from common.errors import NotFoundError
from compliance.analysis import questionnaire
from compliance.evidence import selectors as evidence
from compliance.models import Analysis, Risk, RiskOrigin, Verdict
from compliance.packs.content import Pair, Question, Statement
from compliance.packs.library import Catalogue
from compliance.risks.subjects import Subject, Subjects, usual_pairs
from compliance.risks.suggestions import Basis, suggest

if TYPE_CHECKING:
    from compliance.models import Answer


# What a proposal may change of one that nobody decided on.
_SUGGESTED = ("statement", "search_text", "subject_name", "suggested_likelihood", "suggested_impact")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One pair on one subject; without a question it is what is usual for things of this kind."""

    subject: Subject
    threat_id: str
    vulnerability_id: str
    statement: str
    basis: Basis
    question_id: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.subject.key, self.threat_id, self.vulnerability_id)


def propose_for_answer(*, actor: Actor, answer: "Answer") -> None:
    """Propose what an answer below full lets happen; take back proposals that nothing asks for any more.

    What a person confirmed or dismissed stays as it is.
    """
    analysis = _hold(answer.analysis_id)
    catalogue = questionnaire.catalogue_of(analysis)
    question = catalogue.questions.get(answer.question_id)
    gap = questionnaire.gap_of(catalogue, answer.question_id, answer.value)
    if question is None:
        return
    subjects = Subjects.of(analysis, catalogue) if gap else None
    wanted = list(_of_question(subjects, question, gap, _measured(question))) if subjects and gap else []
    _write(analysis, catalogue, wanted)
    _withdraw(analysis, answer.question_id, keep={proposal.key for proposal in wanted})


def propose_from_inventory(*, actor: Actor, analysis: Analysis) -> int:
    """Propose what is usual for each asset with patient data and for each flow; give the number of new proposals."""
    analysis = _hold(analysis.id)
    catalogue = questionnaire.catalogue_of(analysis)
    subjects = Subjects.of(analysis, catalogue)
    return _write(analysis, catalogue, list(_of_inventory(catalogue, subjects)))


def _hold(analysis_id: UUID) -> Analysis:
    """Lock the analysis, so that numbers are given out one after another."""
    found: Analysis | None = Analysis.objects.select_for_update().filter(id=analysis_id).first()
    if found is None:
        raise NotFoundError
    return found


def _measured(question: Question) -> str:
    """Return what the measurements of a question say together: one that fails outweighs those that pass."""
    verdicts = {one.verdict for one in evidence.suggestions([question.id]).get(question.id, [])}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.PASS if verdicts == {Verdict.PASS} else ""


def _of_question(subjects: Subjects, question: Question, gap: float, probe: str) -> Iterator[Proposal]:
    for statement in question.statements:
        for subject in subjects.concerned_by(question, statement):
            yield Proposal(
                subject=subject,
                threat_id=statement.threat_id,
                vulnerability_id=statement.vulnerability_id,
                statement=statement.text,
                basis=_basis(subject, statement, gap, probe),
                question_id=question.id,
            )


def _of_inventory(catalogue: Catalogue, subjects: Subjects) -> Iterator[Proposal]:
    for subject in subjects.with_patient_data():
        for pair in usual_pairs(catalogue, subject.kind_id):
            threat, vulnerability = catalogue.threats[pair.threat_id], catalogue.vulnerabilities[pair.vulnerability_id]
            yield Proposal(
                subject=subject,
                threat_id=pair.threat_id,
                vulnerability_id=pair.vulnerability_id,
                statement=f"{threat.name}: {vulnerability.name}.",
                basis=_basis(subject, pair),
            )


def _basis(subject: Subject, usual: Statement | Pair, gap: float | None = None, probe: str = "") -> Basis:
    return Basis(
        likelihood=usual.likelihood,
        impact=usual.impact,
        gap=gap,
        probe=probe,
        patients=subject.patients,
        is_central_archive=subject.is_central_archive,
    )


def _write(analysis: Analysis, catalogue: Catalogue, wanted: list[Proposal]) -> int:
    """Create what is not in the register yet; of what is, only what nobody decided on is brought up to date."""
    register = {_key(row): row for row in _rows(analysis, wanted)}
    known = set(register)
    number = Risk.objects.filter(analysis=analysis).aggregate(last=Max("number"))["last"] or 0
    for proposal in wanted:
        if proposal.key not in register:
            number += 1
            register[proposal.key] = Risk(tenant_id=analysis.tenant_id, analysis=analysis, number=number)
        _fill(register[proposal.key], catalogue, proposal)
    Risk.objects.bulk_create([row for key, row in register.items() if key not in known])
    undecided = [register[key] for key in known if register[key].state == Risk.State.PROPOSED]
    Risk.objects.bulk_update(undecided, _SUGGESTED)
    origins = [
        RiskOrigin(tenant_id=analysis.tenant_id, risk=register[proposal.key], question_id=proposal.question_id)
        for proposal in wanted
    ]
    RiskOrigin.objects.bulk_create(origins, ignore_conflicts=True)
    return len(register) - len(known)


def _rows(analysis: Analysis, wanted: Iterable[Proposal]) -> Iterable[Risk]:
    pairs = {(proposal.threat_id, proposal.vulnerability_id) for proposal in wanted}
    condition = Q(pk__in=[])
    for threat_id, vulnerability_id in pairs:
        condition |= Q(threat_id=threat_id, vulnerability_id=vulnerability_id)
    found: Iterable[Risk] = Risk.objects.filter(condition, analysis=analysis)
    return found


def _key(row: Risk) -> tuple[str, str, str]:
    return (row.subject_key, row.threat_id, row.vulnerability_id)


def _fill(row: Risk, catalogue: Catalogue, proposal: Proposal) -> None:
    """Write a proposal into its row; what a question says is more telling than what is usual for a kind."""
    if row.state != Risk.State.PROPOSED or (row.statement and not proposal.question_id):
        return
    suggestion = suggest(proposal.basis)
    row.threat_id, row.vulnerability_id = proposal.threat_id, proposal.vulnerability_id
    row.asset_id, row.flow_id = proposal.subject.asset_id, proposal.subject.flow_id
    row.subject_key, row.subject_name = proposal.subject.key, proposal.subject.name[:200]
    row.statement, row.search_text = proposal.statement, search_text(catalogue, proposal)
    row.suggested_likelihood, row.suggested_impact = suggestion.likelihood, suggestion.impact


def search_text(catalogue: Catalogue, proposal: Proposal) -> str:
    """Return what the register is searched in."""
    threat, vulnerability = catalogue.threats[proposal.threat_id], catalogue.vulnerabilities[proposal.vulnerability_id]
    return f"{proposal.subject.name} {threat.name} {vulnerability.name} {proposal.statement}".lower()


def _withdraw(analysis: Analysis, question_id: str, keep: set[tuple[str, str, str]]) -> None:
    """Take back what only this question had proposed and nobody decided on."""
    rows = Risk.objects.filter(analysis=analysis, origins__question_id=question_id, state=Risk.State.PROPOSED)
    gone = [row.id for row in rows if _key(row) not in keep]
    RiskOrigin.objects.filter(risk_id__in=gone, question_id=question_id).delete()
    Risk.objects.filter(id__in=gone, origins=None).delete()
