"""Every way in (STOW-RS, browser, DIMSE, folders) hands its files to one `Batch`."""

from pacs.intake.batch import Batch
from pacs.intake.verdicts import Status, Verdict

__all__ = ["Batch", "Status", "Verdict"]
