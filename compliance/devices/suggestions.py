"""Which type of assets a device is, as far as its traces tell; a person decides."""

from compliance.packs.library import Catalogue
from pacs.sources import Source

# What a series is made on, when neither its SOP class nor its modality is that of a known type.
UNKNOWN_MODALITY = "AT-CAPWS"
SENDER = "AT-DICOMGW"
CREDENTIAL = "AT-APIKEY"
BROWSER = "AT-VIEWWS"
MOBILE = "AT-MOBILE"
_PHONES = ("iPhone", "iPad", "Android")


def type_of_source(source: Source, book: Catalogue) -> str:
    """Return the type that makes images of this SOP class, else of this modality."""
    by_class = [kind for kind in book.asset_types.values() if source.sop_class_uid in kind.sop_class_uids]
    by_modality = [kind for kind in book.asset_types.values() if source.modality in kind.modality.split(" or ")]
    both = [kind for kind in by_class if kind in by_modality]
    found = both or by_modality or by_class
    return found[0].id if found else UNKNOWN_MODALITY


def type_of_browser(device: str) -> str:
    """Return the type of the machine that a browser runs on."""
    return MOBILE if device.endswith(_PHONES) else BROWSER
