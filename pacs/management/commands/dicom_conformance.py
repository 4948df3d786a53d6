"""`dicom_conformance`: write the conformance statement from the code's tables."""

from typing import Any

from django.conf import settings

from common.command import PortalCommand
from pacs.dimse import conformance

PATH = "docs/reference/dicom-conformance.md"


class Command(PortalCommand):
    help = f"Write {PATH}."

    def handle(self, *args: Any, **options: Any) -> None:
        (settings.BASE_DIR / PATH).write_text(conformance.statement(), encoding="utf-8")
        self.stderr.write(f"{PATH} is written.")
