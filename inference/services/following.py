"""A series that was given to another study takes with it what networks and people said of its images."""

from uuid import UUID

from django.db import transaction
from django.db.models import F

from common.actor import system_actor
from common.scope import tenant_scope
from inference.events import RunRequested
from inference.models import Finding, ImageTag, Run, StudyTag
from inference.services.tagging import tag_study
from outbox import services as outbox
from pacs import selectors as pacs
from pacs.errors import StudyNotFoundError
from vault import selectors as vault_selectors
from vault import services as vault
from vault.keys_of_studies import KeyHandle

_NETWORK = StudyTag.Source.NETWORK


def follow_series(*, tenant_id: UUID, series_id: UUID, study_id: UUID, former_id: UUID) -> None:
    """Give tags, runs and findings of a series to the study that it is of now; results are sealed under its key."""
    with tenant_scope(tenant_id):
        try:
            study = pacs.get_study(actor=system_actor(tenant_id), study_id=study_id)
        except StudyNotFoundError:
            # It is in the bin or gone by now: what is left goes with its series.
            return
        key = vault.key_of(tenant_id=tenant_id, key_id=study.key_id)
        runs = list(Run.objects.filter(series_id=series_id).exclude(study_id=study_id).order_by("id"))
        for run in runs:
            _take(run, study_id, key)
        with transaction.atomic():
            ImageTag.objects.filter(series_id=series_id).update(study_id=study_id)
            for one in (study_id, former_id):
                tag_study(tenant_id, one)
            _move_words(tenant_id, series_id, study_id, former_id)


def _take(run: Run, study_id: UUID, key: KeyHandle) -> None:
    """Give one run to a study, unless that has asked for the same since; what is under way begins again."""
    staged = None
    if run.result_blob_id is not None:
        ref = vault_selectors.get_blob_ref(tenant_id=run.tenant_id, blob_id=run.result_blob_id)
        staged = vault.copy_object(ref, key=key)
        vault.sync([staged])
    with transaction.atomic():
        same = Run.objects.filter(study_id=study_id, network_id=run.network_id, input_sha256=bytes(run.input_sha256))
        same.exclude(state=Run.State.DONE).delete()
        if same.exists():
            run.delete()
            return
        Finding.objects.filter(run=run).update(study_id=study_id)
        mine = Run.objects.filter(id=run.id)
        mine.update(study_id=study_id)
        if mine.filter(state=Run.State.RUNNING).update(state=Run.State.WAITING, fence=F("fence") + 1):
            outbox.publish(RunRequested(tenant_id=run.tenant_id, run_id=run.id))
        if staged is not None and run.result_blob_id is not None:
            vault.commit(keys=[key], staged=[staged])
            mine.update(result_blob_id=staged.id)
            vault.hand_over(tenant_id=run.tenant_id, blob_ids=[run.result_blob_id], key_id=key.id)


def _move_words(tenant_id: UUID, series_id: UUID, study_id: UUID, former_id: UUID) -> None:
    """Let the study be found by what networks told of the series, and the former one only by what it still has."""
    taken = set(Finding.objects.filter(run__series_id=series_id).values_list("tag", flat=True))
    kept = set(Finding.objects.filter(study_id=former_id).values_list("tag", flat=True))
    words = StudyTag.objects.filter(study_id=former_id, source=_NETWORK, tag__in=taken)
    rows = [
        StudyTag(tenant_id=tenant_id, study_id=study_id, tag=tag, source=_NETWORK, urgency=urgency)
        for tag, urgency in words.values_list("tag", "urgency")
    ]
    StudyTag.objects.bulk_create(rows, ignore_conflicts=True)
    words.exclude(tag__in=kept).delete()
