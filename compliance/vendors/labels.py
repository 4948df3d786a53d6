"""The fields of vendors and agreements in words: on forms, pages and documents alike."""

from typing import Final

from django.utils.translation import gettext_lazy as _

VENDOR_LABELS: Final = {
    "name": _("Name"),
    "services": _("What it does for the practice"),
    "contact": _("Contact for privacy and security"),
    "stores": _("Does it store patients' data, encrypted or not?"),
    "transmits": _("Does it transmit patients' data and reach into it routinely?"),
    "can_access": _("Can it see or take over systems with patients' data (remote support, administration)?"),
    "treats": _("Is it a provider to whom data is disclosed for treatment?"),
    "is_conduit": _("Does it only carry data, as the post or an internet provider does?"),
    "is_ai": _("It analyses images or reports with artificial intelligence"),
    "keeps_copies": _("Does it keep copies?"),
    "trains_on_images": _("Does it train on them?"),
    "serves_competitors": _("Does the same model serve competitors?"),
    "encrypts_at_rest": _("Does it encrypt at rest?"),
    "encrypts_in_transit": _("Is data encrypted on the way?"),
    "retention_days": _("Days for which it keeps images and results"),
    "deletes_automatically": _("Does it delete after that without being asked?"),
    "retention_evidence": _("How the practice can see that images were deleted, and audit how they are handled"),
    "data_path": _("Where images travel: one step a line, with the country"),
}

AGREEMENT_LABELS: Final = {
    "renewal_notice_days": _("Days of notice before it renews itself"),
    "breach_notice_hours": _("Hours within which the vendor reports an incident"),
    "training_term": _("Training on images"),
    "is_perpetual_licence": _("Does it grant a perpetual or irrevocable licence?"),
    "rights_granted": _("Rights granted to the vendor"),
    "secondary_use": _("Uses beyond the service"),
    "opt_out": _("What holds by default, and how to opt out"),
    "wording": _("The text itself: it is read for broad wording"),
}
