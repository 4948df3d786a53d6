"""Changes to studies; each verb has its file."""

from pacs.intake.sessions import purge as purge_uploads
from pacs.services.bin import delete_study, restore_study
from pacs.services.corrections import Decision, decide_conflict, merge_patients, move_study, undo_correction
from pacs.services.destroying import destroy_study, doom_study, spare_study
from pacs.services.films import MAX_PICTURE, Film, store_film
from pacs.services.month_figures import months_until_now
from pacs.services.prepare import prepare_series
from pacs.services.reconcile import announce_forgotten_series
from pacs.services.rest import wait_for_rest
from pacs.services.searches import delete_search, save_search
from pacs.services.splitting import split_study
from pacs.services.states import assign_studies, note_shares

__all__ = [
    "MAX_PICTURE",
    "Decision",
    "Film",
    "announce_forgotten_series",
    "assign_studies",
    "decide_conflict",
    "delete_search",
    "delete_study",
    "destroy_study",
    "doom_study",
    "merge_patients",
    "months_until_now",
    "move_study",
    "note_shares",
    "prepare_series",
    "purge_uploads",
    "restore_study",
    "save_search",
    "spare_study",
    "split_study",
    "store_film",
    "undo_correction",
    "wait_for_rest",
]
