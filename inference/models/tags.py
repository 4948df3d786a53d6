"""What images are, told from header and pixels; and the words that studies are found by."""

from django.db import models
from django.db.models import Q

from accounts.models import TenantOwned
from common.clock import now


class ImageTag(TenantOwned):
    """What one film, or one volume (without an instance), shows."""

    study = models.ForeignKey("pacs.Study", on_delete=models.CASCADE, related_name="+", db_index=False)
    series = models.ForeignKey("pacs.Series", on_delete=models.CASCADE, related_name="+", db_index=False)
    instance = models.ForeignKey("pacs.Instance", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, blank=True)
    # What told the kind: header, words of a description, or the shape of the image.
    told_by = models.CharField(max_length=8, blank=True)
    laterality = models.CharField(max_length=1, blank=True)
    teeth = models.CharField(max_length=16, blank=True)
    flags = models.JSONField(default=list)
    # False where no decoder reads it: then there are no flags either.
    is_readable = models.BooleanField(default=True)
    modality = models.CharField(max_length=16, blank=True)
    body_part = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=250, blank=True)
    site = models.CharField(max_length=120, blank=True)
    procedure = models.CharField(max_length=200, blank=True)
    input_sha256 = models.BinaryField(max_length=32)
    tagged_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "series", "instance"],
                condition=Q(instance__isnull=False),
                name="inference_imagetag_film",
            ),
            models.UniqueConstraint(
                fields=["tenant", "series"], condition=Q(instance=None), name="inference_imagetag_volume"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "study"], name="inference_imagetag_study")]


class StudyTag(TenantOwned):
    """One word that a study is found by."""

    class Source(models.TextChoices):
        IMAGE = "image"
        NETWORK = "network"
        SERIES = "series"

    study = models.ForeignKey("pacs.Study", on_delete=models.CASCADE, related_name="+", db_index=False)
    tag = models.CharField(max_length=80)
    source = models.CharField(max_length=8, choices=Source.choices)
    urgency = models.SmallIntegerField(default=0)
    tagged_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "study", "tag"], name="inference_studytag_once")]
        indexes = [models.Index(fields=["tenant", "tag", "-id"], name="inference_studytag_tag")]
