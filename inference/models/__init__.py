"""Networks and their rules, runs and what they found, tags of images, and what a tenant chose about training."""

from inference.models.choices import Rate, TrainingChoice, TrainingObjection
from inference.models.findings import Finding
from inference.models.networks import Network, Rule
from inference.models.runs import Batch, Run
from inference.models.tags import ImageTag, StudyTag

__all__ = [
    "Batch",
    "Finding",
    "ImageTag",
    "Network",
    "Rate",
    "Rule",
    "Run",
    "StudyTag",
    "TrainingChoice",
    "TrainingObjection",
]
