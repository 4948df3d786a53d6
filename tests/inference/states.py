"""What tests of the states of analyses share."""

import re
from typing import Final

from common.scope import tenant_scope
from inference.models import Run
from pacs.models import Study
from tests.factories.inference import Centre

HTMX: Final = {"HX-Request": "true"}


def put(centre: Centre, study: Study, state: str) -> None:
    """Let the runs of a study be in a state."""
    with tenant_scope(centre.tenant.id):
        assert Run.objects.filter(study_id=study.id).update(state=state) > 0


def said(text: str) -> str:
    """Return what is put where a screen reader listens, in plain words."""
    found = re.search(r'<p[^>]*id="analysis-(?:state|news)"[^>]*>(.*?)</p>', text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""
