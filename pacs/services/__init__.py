"""Changes to studies; each verb has its file."""

from pacs.services.bin import delete_study, restore_study
from pacs.services.prepare import prepare_series

__all__ = ["delete_study", "prepare_series", "restore_study"]
