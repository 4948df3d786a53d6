"""What networks found."""

from django.db import models

from accounts.models import TenantOwned
from inference.models.runs import Run


class Finding(TenantOwned):
    """One finding of one run, preliminary until a person has judged it.

    `key` is its word in the vocabulary; the box is in pixels of the image, as left, top, right, bottom.
    """

    class State(models.TextChoices):
        PRELIMINARY = "preliminary"
        ACCEPTED = "accepted"
        EDITED = "edited"
        REJECTED = "rejected"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="findings", db_index=False)
    study = models.ForeignKey("pacs.Study", on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    key = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    code_scheme = models.CharField(max_length=16)
    code_value = models.CharField(max_length=64)
    score = models.FloatField()
    left = models.FloatField(null=True)
    top = models.FloatField(null=True)
    right = models.FloatField(null=True)
    bottom = models.FloatField(null=True)
    first_slice = models.IntegerField(null=True)
    last_slice = models.IntegerField(null=True)
    # FDI numbers: one, or a range such as 14-18 where only the region is known.
    teeth = models.CharField(max_length=16, blank=True)
    urgency = models.SmallIntegerField(default=0)
    tag = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=11, choices=State.choices, default=State.PRELIMINARY)
    judged_by = models.UUIDField(null=True)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "run", "number"], name="inference_finding_once")]
        indexes = [
            models.Index(fields=["tenant", "study"], name="inference_finding_study"),
            models.Index(fields=["tenant", "key", "-id"], name="inference_finding_key"),
        ]
