"""``DELETE`` of a study: to the bin, from which it can be taken back (DESIGN part 5; not a service of the standard)."""

from django.http import HttpRequest, HttpResponse

from accounts import step_up
from pacs import gate, services
from pacs.dicomweb import access


def delete(request: HttpRequest, *, study: str) -> HttpResponse:
    """Move a study to the bin; a second time there is none."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.delete")
    step_up.require(request)
    services.delete_study(actor=reached.actor, study_id=reached.study.id)
    access.forget()
    return HttpResponse(status=204)
