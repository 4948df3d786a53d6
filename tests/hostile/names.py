"""The name of a patient as pydicom reads it from a file, and as the portal shows it."""

import html
import io
import logging
import warnings
from dataclasses import dataclass

from django.test import Client
from pydicom import dcmread
from pydicom.valuerep import PersonName

from tests.factories.cast import make_actor
from tests.factories.sharing import sign_in
from tests.hostile.corpus import token_client, try_files

# ISO-IR 58: pydicom leaves the escape sequence before each component in its text.
_ESCAPE = "\x1b$)A"


@dataclass(frozen=True)
class Name:
    """What pydicom says: the groups as JSON model, and the words of the first one."""

    groups: dict[str, str]
    words: tuple[str, ...]


def name_by_pydicom(file: bytes) -> Name:
    """Read the name."""
    logging.getLogger("pydicom").disabled = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read: PersonName = dcmread(io.BytesIO(file), force=True).PatientName
        texts = [text.replace(_ESCAPE, "") for text in (read.alphabetic, read.ideographic, read.phonetic)]
    filled = zip(("Alphabetic", "Ideographic", "Phonetic"), texts, strict=True)
    groups = {group: text for group, text in filled if text}
    return Name(groups, tuple(word for word in next(iter(groups.values())).split("^") if word))


@dataclass(frozen=True)
class Shown:
    """What the portal says: the name that a search finds, the text of the worklist, and the source of its page."""

    found: dict[str, str]
    worklist: str
    source: str


def name_by_portal(file: bytes) -> Shown:
    """Store the file in a fresh tenant, and look for it."""
    tenant = try_files(file, is_read=False).tenant
    (study,) = token_client(tenant).get("/dicom-web/studies").json()
    page = sign_in(Client(), make_actor(tenant, "radiologist")).get("/studies/").content.decode()
    return Shown(study["00100010"]["Value"][0], html.unescape(page), page)
