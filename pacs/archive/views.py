"""The originals of a study as one ZIP archive."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from common.clock import now
from pacs import gate, selectors
from pacs.archive import downloads
from pacs.archive.members import list_members
from pacs.archive.zipstream import ZipStream
from pacs.dicomweb import streams
from pacs.errors import StudyNotFoundError
from pacs.gate import Reached

DOWNLOAD = "study.download"


@require_GET
def archive(request: HttpRequest, study_id: UUID) -> HttpResponseBase:
    """Send a study as an archive: stored, or deflated with ``?deflate=1``."""
    reached = gate.find_study(request, study_id=study_id, action=DOWNLOAD)
    return send_archive(reached, is_deflated=request.GET.get("deflate") == "1")


def send_archive(reached: Reached, *, is_deflated: bool = False) -> HttpResponseBase:
    """Count and record the download, then stream the archive of a study."""
    study_id = reached.study.id
    with gate.enter(reached):
        instances = selectors.list_instances(study_id=study_id)
        if not instances:
            raise StudyNotFoundError()
        study = selectors.study_row(actor=reached.actor, study_id=study_id)
        members = list_members(study, selectors.list_series(study_id=study_id), instances)
    downloads.begin(reached, instances)
    content = ZipStream(members, modified=now(), is_deflated=is_deflated)
    response = streams.stream(content, actor=reached.actor, content_type="application/zip", size=content.size)
    # The name says nothing about the patient: it ends up in histories and folders of downloads.
    response["Content-Disposition"] = f'attachment; filename="study-{study_id}.zip"'
    return response
