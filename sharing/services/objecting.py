"""What a patient says about training on their images: kept by whoever runs networks (`settings.TRAINING_OBJECT`)."""

from django.conf import settings
from django.utils.module_loading import import_string

from common.actor import Actor
from common.scope import tenant_scope
from sharing import patients


def object_to_training(*, actor: Actor, is_standing: bool) -> None:
    """Keep the images of the patient who asks out of training, or take that back."""
    with tenant_scope(actor.tenant_id):
        patient_id = patients.get_access(actor.id).patient_id
    import_string(settings.TRAINING_OBJECT)(actor=actor, patient_id=patient_id, is_standing=is_standing)
