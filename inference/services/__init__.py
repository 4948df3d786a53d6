"""What inference does; each noun has its file."""

from inference.services.batches import begin_batch, cancel_batch, plan_batch
from inference.services.bundled import list_bundled, register_bundled, register_everywhere
from inference.services.choices import (
    allow_training,
    forbid_training,
    list_training_images,
    object_to_training,
    set_rate,
)
from inference.services.following import follow_series
from inference.services.networks import import_network, read_folder, retire_network
from inference.services.rules import Conditions, add_rule, switch_rule
from inference.services.runs import cancel_run, perform_run, plan_arrivals, request_runs
from inference.services.tagging import tag_series

__all__ = [
    "Conditions",
    "add_rule",
    "allow_training",
    "begin_batch",
    "cancel_batch",
    "cancel_run",
    "follow_series",
    "forbid_training",
    "import_network",
    "list_bundled",
    "list_training_images",
    "object_to_training",
    "perform_run",
    "plan_arrivals",
    "plan_batch",
    "read_folder",
    "register_bundled",
    "register_everywhere",
    "request_runs",
    "retire_network",
    "set_rate",
    "switch_rule",
    "tag_series",
]
