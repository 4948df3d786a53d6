"""What is written down about a device that left a trace, and how the same device is recognised again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.selectors import StaffDevice, TokenLine
from compliance.devices import suggestions
from compliance.models import DeviceSighting
from compliance.packs.library import Catalogue
from pacs.sources import Source

_Kind = DeviceSighting.Kind


@dataclass(frozen=True, slots=True)
class Sighting:
    """One device: `identity` is what makes it this one, `facts` is what else is known of it."""

    kind: str
    identity: tuple[str, ...]
    label: str
    suggested_type_id: str
    facts: Mapping[str, str] = field(default_factory=dict)
    software: str = ""

    @property
    def fingerprint(self) -> str:
        """Return the key under which the device is known; case and spaces do not make another device."""
        plain = "\x1f".join(" ".join(part.split()).casefold() for part in self.identity)
        return hashlib.sha256(plain.encode()).hexdigest()


def of_series(source: Source, book: Catalogue) -> Sighting:
    """Return the device of a series: told apart by serial number, else by the name of its station."""
    maker = " ".join(part for part in (source.manufacturer, source.model_name) if part)
    return Sighting(
        kind=_Kind.MODALITY,
        identity=(source.manufacturer, source.model_name, source.serial_number or source.station_name),
        label=f"{maker} ({source.station_name})" if source.station_name else maker,
        suggested_type_id=suggestions.type_of_source(source, book),
        facts={
            "vendor": source.manufacturer,
            "model": source.model_name,
            "serial": source.serial_number,
            "hostname": source.station_name,
            "site": source.institution_name,
            "modality": source.modality,
        },
        # Without a serial number two machines of a kind look like one whose software goes back and forth.
        software=source.software_versions if source.serial_number else "",
    )


def of_sender(ae_title: str) -> Sighting:
    """Return the device behind a calling AE title."""
    return Sighting(_Kind.AE_TITLE, (ae_title,), ae_title, suggestions.SENDER, {"ae_title": ae_title})


def of_token(token: TokenLine, *, sends: bool) -> Sighting:
    """Return the program that holds an API token."""
    type_id = suggestions.SENDER if sends else suggestions.CREDENTIAL
    facts = {"token": str(token.id), "scopes": ", ".join(token.scopes), "networks": ", ".join(token.networks)}
    return Sighting(_Kind.TOKEN, (str(token.id),), token.name, type_id, facts)


def of_browser(device: StaffDevice) -> Sighting:
    """Return the kind of browser that members of staff sign in with."""
    type_id = suggestions.type_of_browser(device.device)
    return Sighting(_Kind.BROWSER, (device.device,), device.device, type_id, {"people": str(device.people)})


def of_uploader(source: str) -> Sighting:
    """Return a way in which the server itself takes files in."""
    return Sighting(_Kind.UPLOADER, (source,), source, suggestions.SENDER, {"source": source})
