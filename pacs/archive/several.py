"""Several studies as one archive, with one directory over all of them."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from accounts import step_up
from common.clock import now
from common.errors import InvalidInputError, TooLargeError
from pacs import gate, selectors
from pacs.archive import downloads
from pacs.archive.members import Part, list_members_of
from pacs.archive.zipstream import ZipStream
from pacs.dicomweb import streams
from pacs.errors import StudyNotFoundError
from pacs.gate import Reached
from pacs.worklist_forms import ChosenForm

MAX_STUDIES, MAX_FILES = 50, 20_000


@require_POST
def several(request: HttpRequest) -> HttpResponseBase:
    """Stream the originals of the chosen studies; each of them is written down before the first byte leaves."""
    form = ChosenForm(request.POST)
    if not form.is_valid() or len(form.cleaned_data["study"]) > MAX_STUDIES:
        raise InvalidInputError(f"Choose from 1 to {MAX_STUDIES} studies.")
    gate.member(request, "study.download")
    step_up.require(request)
    reached = [_reach(request, study_id) for study_id in form.cleaned_data["study"]]
    if sum(one.study.number_of_instances for one in reached) > MAX_FILES:
        raise TooLargeError(f"One archive holds at most {MAX_FILES} files. Choose fewer studies.")
    parts = [_read(one) for one in reached]
    with gate.enter(reached[0]):
        members = list_members_of(parts)
    for one, part in zip(reached, parts, strict=True):
        downloads.record(one, part.instances)
    content = ZipStream(members, modified=now())
    response = streams.stream(content, actor=reached[0].actor, content_type="application/zip", size=content.size)
    response["Content-Disposition"] = 'attachment; filename="studies.zip"'
    return response


def _reach(request: HttpRequest, study_id: UUID) -> Reached:
    """Reach a study as a member: what a link or a patient's access gives besides is taken away one by one, and
    counted.
    """
    reached = gate.find_study(request, study_id=study_id, action="study.download")
    if reached.actor.grant is not None:
        raise StudyNotFoundError
    return reached


def _read(reached: Reached) -> Part:
    with gate.enter(reached):
        study = selectors.study_row(actor=reached.actor, study_id=reached.study.id)
        return Part(study, selectors.list_series(study_id=study.id), selectors.list_instances(study_id=study.id))
