"""Forms of tasks and decisions."""

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from common.clock import today
from compliance.models import SpecDecision, Task
from compliance.remediation.acceptance import Acceptance
from compliance.remediation.decisions import DecisionDraft
from compliance.remediation.tasks import TaskDraft


def _text(rows: int, label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class TaskForm(forms.Form):
    """What a task says."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    weakness = _text(3, _("The weakness behind it"), required=False)
    owner = forms.ChoiceField(label=_("Who does it"), required=False)
    due_date = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    priority = forms.ChoiceField(label=_("Priority"), choices=Task.Priority.choices, initial=Task.Priority.MODERATE)
    effort = forms.ChoiceField(label=_("Effort"), choices=Task.Effort.choices, initial=Task.Effort.MEDIUM)
    cost = forms.DecimalField(
        label=_("Cost, in the currency of the practice"), required=False, min_value=0, max_digits=10, decimal_places=2
    )
    resources = _text(2, _("Resources needed"), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    risk_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    question_id = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    spec_id = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [(str(user_id), name) for user_id, name in people.items()]
        self.fields["owner"].choices = [("", _("nobody yet")), *chosen]  # type: ignore[attr-defined]  # a ChoiceField

    def draft(self) -> TaskDraft:
        """Return what a valid form says."""
        data: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        owner = data.pop("owner")
        return TaskDraft(owner_id=UUID(owner) if owner else None, **data)


class StepForm(forms.Form):
    """One step with a task: which, over which version, and the words that it needs."""

    step = forms.ChoiceField(
        choices=[(name, name) for name in ("start", "block", "finish", "verify", "send_back", "reopen", "note")]
    )
    version = forms.IntegerField()
    text = forms.CharField(required=False, max_length=20_000)


class AcceptanceForm(forms.Form):
    """On which terms a risk is accepted."""

    reason = _text(3, _("Why the risk is accepted"))
    compensating_measures = _text(3, _("What keeps it small meanwhile"))
    until = forms.DateField(
        label=_("Accepted until"),
        help_text=_("At most 12 months; then it is decided again."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def terms(self) -> Acceptance:
        """Return the terms of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        return Acceptance(data["reason"], data["compensating_measures"], data["until"])


class FilterForm(forms.Form):
    """Which tasks to show, and how."""

    view = forms.ChoiceField(required=False, choices=[("board", "board"), ("list", "list")])
    mine = forms.BooleanField(required=False)
    overdue = forms.BooleanField(required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=10_000)


class DecisionForm(forms.Form):
    """A decision on an addressable specification."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=SpecDecision.Outcome.choices, widget=forms.RadioSelect)
    rationale = _text(4, _("Reason"), help_text=_("Size, complexity, technical means, cost and risk of this practice."))
    alternative = _text(3, _("The equivalent alternative, where there is one"), required=False)
    review_date = forms.DateField(label=_("Looked at again on"), widget=forms.DateInput(attrs={"type": "date"}))

    def draft(self) -> DecisionDraft:
        """Return what a valid form says."""
        data: dict[str, Any] = self.cleaned_data
        return DecisionDraft(data["outcome"], data["rationale"], data["review_date"], data["alternative"])


def next_review() -> dt.date:
    """Return the day that a decision is looked at again unless somebody says otherwise: in a year."""
    return today() + dt.timedelta(days=365)
