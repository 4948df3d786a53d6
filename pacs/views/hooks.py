"""The page of webhooks: which programs elsewhere are told that studies changed."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import step_up
from audit import webhooks
from audit.signing import signer_of
from common.errors import DomainError
from common.refusals import reason_of
from common.scope import tenant_scope
from pacs import gate
from pacs.changes import hooks, selectors, telling


class HookForm(forms.Form):
    """Where to tell."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("Begins with https:// and lies in the public network."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List the addresses that are told, and add one."""
    actor = gate.member(request, hooks.MANAGE)
    form = HookForm(request.POST or None)
    if form.is_valid():
        step_up.require(request)
        try:
            hooks.add(actor=actor, url=form.cleaned_data["url"])
        except DomainError as error:
            form.add_error("url", reason_of(error))
        else:
            messages.success(request, _("The address is told of what changes from now on."))
            return redirect("pacs:hooks")
    with tenant_scope(actor.tenant_id):
        rows, last = selectors.list_hooks(), selectors.last_number()
    key = webhooks.public_key(signer_of(tenant_id=actor.tenant_id))
    page = {"rows": rows, "last": last, "key": key, "form": form}
    return render(request, "pacs/hooks.html", page, status=422 if form.errors else 200)


@require_POST
def switch(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """Turn a webhook off, at once and without asking for a factor, or on again."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        is_on = selectors.get_hook(hook_id).is_on
    if not is_on:
        step_up.require(request)
    hooks.switch(actor=actor, hook_id=hook_id, is_on=not is_on)
    if is_on:
        messages.success(request, _("The address is told nothing until the webhook is turned on again."))
    else:
        messages.success(request, _("The address is told of everything that changed meanwhile."))
    return redirect("pacs:hooks")


@require_POST
def try_out(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """Send a message that means nothing, and say what came of it."""
    failure = telling.try_out(actor=gate.insider(request), hook_id=hook_id)
    if failure:
        messages.error(request, failure)
    else:
        messages.success(request, _("The test was taken."))
    return redirect("pacs:hooks")


@require_POST
def remove(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """Take a webhook away."""
    hooks.remove(actor=gate.insider(request), hook_id=hook_id)
    messages.success(request, _("The webhook is gone."))
    return redirect("pacs:hooks")
