"""The conformance statement (PS3.2), written from the tables that the code itself goes by.

`manage.py dicom_conformance` writes it to `docs/reference/dicom-conformance.md`; a test holds that it is current.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from pacs.dicom.codecs import DECODABLE
from pacs.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from pacs.dicom.limits import DEFAULT_LIMITS
from pacs.dicom.lossless import LOSSLESS
from pacs.dicom.sop_classes import SOP_CLASSES
from pacs.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from pacs.dicomweb import accept, encodings
from pacs.dicomweb.attributes import COLUMNS, Level
from pacs.dicomweb.body import MAX_BODY_BYTES
from pacs.dicomweb.query import MAX_RESULTS
from pacs.dimse import finding, listener, negotiation, pdu, retrieving, storing, worklists
from pacs.dimse.association import ARTIM_S, IDLE_S
from pacs.dimse.negotiation import OFFERS, Service
from pacs.intake.verdicts import FailureReason

_ROLES: Final = {
    Service.ECHO: ("SCP", "-"),
    Service.FIND: ("SCP", "-"),
    Service.MOVE: ("SCP", "-"),
    Service.GET: ("SCP", "-"),
    Service.WORKLIST: ("SCP", "-"),
    Service.PERFORMED: ("SCP", "N-CREATE, N-SET"),
    Service.COMMIT: ("SCP", "N-ACTION, N-EVENT-REPORT (on an association of its own where the device has an address)"),
}
# What the DICOMweb services answer to: template, methods, what (PS3.18 10; compared with the routes by a test).
WEB_SERVICES: Final = (
    ("", "OPTIONS", "capabilities as WADL (PS3.18 8.9)"),
    ("capabilities", "GET", "the same"),
    ("studies", "GET", "QIDO-RS: search for studies"),
    ("studies", "POST", "STOW-RS: store instances"),
    ("series", "GET", "QIDO-RS: search for series"),
    ("instances", "GET", "QIDO-RS: search for instances"),
    ("studies/{study}", "GET", "WADO-RS: study, as instances or as a ZIP"),
    ("studies/{study}", "POST", "STOW-RS: store instances of one study"),
    ("studies/{study}", "DELETE", "move the study to the bin"),
    ("studies/{study}/series", "GET", "QIDO-RS: series of a study"),
    ("studies/{study}/instances", "GET", "QIDO-RS: instances of a study"),
    ("studies/{study}/metadata", "GET", "WADO-RS: metadata"),
    ("studies/{study}/rendered", "GET", "WADO-RS: rendered, a picture of each image"),
    ("studies/{study}/bulkdata", "GET", "WADO-RS: all bulk data"),
    ("studies/{study}/series/{series}", "GET", "WADO-RS: series"),
    ("studies/{study}/series/{series}/rendered", "GET", "WADO-RS: rendered, a picture of each image"),
    ("studies/{study}/series/{series}/bulkdata", "GET", "WADO-RS: all bulk data"),
    ("studies/{study}/series/{series}/instances", "GET", "QIDO-RS: instances of a series"),
    ("studies/{study}/series/{series}/metadata", "GET", "WADO-RS: metadata"),
    ("studies/{study}/series/{series}/instances/{instance}", "GET", "WADO-RS: instance"),
    ("studies/{study}/series/{series}/instances/{instance}/metadata", "GET", "WADO-RS: metadata"),
    ("studies/{study}/series/{series}/instances/{instance}/frames/{frames}", "GET", "WADO-RS: frames"),
    ("studies/{study}/series/{series}/instances/{instance}/bulkdata", "GET", "WADO-RS: all bulk data"),
    ("studies/{study}/series/{series}/instances/{instance}/bulkdata/{path}", "GET", "WADO-RS: bulk data"),
    ("studies/{study}/series/{series}/instances/{instance}/rendered", "GET", "WADO-RS: rendered"),
    ("studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered", "GET", "WADO-RS: rendered"),
    ("studies/{study}/thumbnail", "GET", "WADO-RS: thumbnail"),
    ("studies/{study}/series/{series}/thumbnail", "GET", "WADO-RS: thumbnail"),
    ("studies/{study}/series/{series}/instances/{instance}/thumbnail", "GET", "WADO-RS: thumbnail"),
    ("studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail", "GET", "WADO-RS: thumbnail"),
)


def statement() -> str:
    """Return the statement as Markdown."""
    parts = (
        _overview(),
        _networking(),
        _services(),
        _storage(),
        _query(),
        _retrieve(),
        _worklist(),
        _web(),
        _security(),
        _charsets(),
        _transfer_syntaxes(),
        _storage_classes(),
    )
    return "\n".join(("# DICOM conformance statement", "", *parts))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows), ""])


def _overview() -> str:
    text = (
        "Written by `manage.py dicom_conformance` from the code's own tables; do not edit.",
        "",
        "Bitewing keeps DICOM objects of dental imaging, bit-identical to what was received. It takes and gives",
        "them by DIMSE (`manage.py dicom_listen`) and by DICOMweb (`/dicom-web/`). As a gateway",
        "(`dicom_listen --forward`) it is provider of Verification and Storage alone, and sends what it takes on",
        "by STOW-RS.",
        "",
    )
    return "\n".join(text)


def _networking() -> str:
    rows = (
        ("Implementation Class UID", IMPLEMENTATION_CLASS_UID),
        ("Implementation Version Name", IMPLEMENTATION_VERSION_NAME),
        ("Application Context Name", pdu.APPLICATION_CONTEXT),
        ("TCP port", f"{listener.DEFAULT_PORT}, configurable"),
        ("Called AE titles", "as each tenant registers them; unknown ones are rejected (source 1, reason 7)"),
        ("Calling AE titles", "devices of the tenant's list; others are rejected (source 1, reason 3) and proposed"),
        ("Associations at a time", f"{listener.MAX_ASSOCIATIONS}; beyond: rejected for now (source 3, reason 2)"),
        ("Maximum PDU received", f"{pdu.MAX_PDU} bytes"),
        ("Asynchronous operations", f"up to {negotiation.MAX_WINDOW} invoked for storage; 1 performed"),
        ("SCP/SCU role selection", "for storage classes (C-GET), and for storage commitment as its provider"),
        ("Time-outs", f"{ARTIM_S:.0f} s for negotiation, {IDLE_S:.0f} s without a message"),
        ("Extended negotiation, user identity", "not used"),
    )
    return "\n".join(("## Networking", "", _table(("what", "value"), rows)))


def _services() -> str:
    rows = [(offer.uid, offer.name, *_ROLES[offer.service]) for offer in OFFERS]
    rows.append(("see below", "Storage: all classes of PS3.4 B.5", "SCP; SCU of C-MOVE and C-GET", "C-STORE"))
    syntaxes = " or ".join(TRANSFER_SYNTAXES[uid].name for uid in negotiation.MESSAGE_SYNTAXES)
    note = f"All but storage are spoken in {syntaxes}."
    return "\n".join(("## Services", "", _table(("SOP class", "name", "role", "operations"), rows), note, ""))


def _storage() -> str:
    rows = (
        ("0000H", "stored, or stored before with the same data set"),
        (
            f"{FailureReason.WARNING_COERCION:04X}H",
            "stored; its patient is in doubt, or is served under a corrected one",
        ),
        (f"{FailureReason.DUPLICATE_INSTANCE:04X}H", "the UID is stored with another data set; quarantined"),
        (f"{FailureReason.OUT_OF_RESOURCES:04X}H", "no room, or the store does not answer: it may be sent again"),
        (f"{FailureReason.DATA_SET_MISMATCH:04X}H", "pixel data, UID or class contradict the header or the command"),
        (f"{FailureReason.TRANSFER_SYNTAX:04X}H", "the transfer syntax is not one of stored objects"),
        (f"{FailureReason.CANNOT_UNDERSTAND:04X}H", "the data set cannot be read, or exceeds a limit; quarantined"),
        ("0124H", "the device may not store"),
    )
    text = (
        "Level 2 (full): every element is kept, private ones too, and nothing is coerced. A success is answered",
        "once the object is durable and its database transaction committed. Devices that use asynchronous",
        f"operations, and associations at the same time, share transactions ({storing.MAX_PENDING} objects of each).",
        "Classes that the standard does not know are taken where the tenant allows it.",
        f"Refused are headers above {DEFAULT_LIMITS.head_bytes >> 20} MiB, and what else exceeds the limits.",
        "",
    )
    return "\n".join(("## Storage", "", *text, _table(("status", "meaning"), rows)))


def _query() -> str:
    rows = [
        (level.name.lower(), column.keyword, column.vr, "matched" if column.matcher else "returned")
        for level in Level
        for column in COLUMNS[level]
        if not column.sequence
    ]
    text = (
        "Patient and study root; relational queries are always answered, keys of higher levels included. Names are",
        "matched without regard to case and accents. Keys that are not listed are returned from the header at the",
        "image level, and else left out; where one had a value, pending answers carry FF01H. At the patient level",
        "matched and returned are:",
        f"{', '.join(finding.PATIENT_KEYWORDS)}. C-CANCEL is heeded between two answers. Answers are in UTF-8.",
        "",
    )
    return "\n".join(("## Query", "", *text, _table(("level", "attribute", "VR", "use"), rows)))


def _retrieve() -> str:
    plain = " and ".join(sorted(TRANSFER_SYNTAXES[uid].name for uid in encodings.PLAIN))
    native = ", ".join(sorted(TRANSFER_SYNTAXES[uid].name for uid in encodings.NATIVE))
    levels = ", ".join(retrieving._KEYS)  # the table itself
    text = (
        f"C-MOVE and C-GET at the levels {levels}, by unique keys or lists of them. C-MOVE sends to devices of the",
        "tenant's list that have an address. Objects leave in the transfer syntax that they are kept in, or, for a",
        f"device that does not take it, in {plain}:",
        f"those in {native} are written anew,",
        "with every value as it was; compressed ones are decompressed. Their SOP Instance UID stays.",
        f"Not decompressed are videos, images of single bits, and {_never_decompressed()}:",
        "for a device that does not take their syntax they are failed sub-operations, named in the",
        "Failed SOP Instance UID List.",
        "",
    )
    return "\n".join(("## Retrieve", "", *text))


def _never_decompressed() -> str:
    kept = (
        syntax for syntax in TRANSFER_SYNTAXES.values() if not syntax.is_video and syntax.uid not in encodings.NATIVE
    )
    return ", ".join(one.name for one in kept if not (one.is_encapsulated and one.uid in DECODABLE))


def _worklist() -> str:
    keys = ", ".join(worklists.MATCHING_KEYWORDS)
    text = (
        "Appointments come from practice programs (`/api/v1/appointments`: JSON, CSV, FHIR R4) or a file.",
        f"Matching keys: {keys}. Appointments without a station are",
        "answered to every device. Returned are the types 1 and 2 of table K.6-1 that were asked for.",
        "",
        "Performed procedure steps move the appointment on; a step that is COMPLETED or DISCONTINUED is final (0110H).",
        "Storage commitment answers from the store: 0112H no such instance, 0119H of another class.",
        "",
    )
    return "\n".join(("## Modality worklist, performed procedure step, storage commitment", "", *text))


def _web() -> str:
    lossless = ", ".join(TRANSFER_SYNTAXES[uid].name for uid in LOSSLESS)
    rows = [(f"`/dicom-web/{template}`", methods, what) for template, methods, what in WEB_SERVICES]
    text = (
        f"Requests have at most {MAX_BODY_BYTES >> 30} GiB. Searches answer at most {MAX_RESULTS} results, more by",
        "`offset` or the `Link` header. Credentials: bearer token, or a session of the portal.",
        "",
        f"Stored are files (`{accept.DICOM}`), or metadata with bulk data: one array of all instances",
        f"(`{accept.JSON}`), or a part for each of them, without a document type (`{accept.XML}`). Metadata,",
        f"results of searches and the answer to a storage are JSON, or XML (`{accept.XML}`, in parts but for the",
        "last). HEAD is answered for every resource that has GET.",
        "",
        "Objects come as they were stored; with a transfer syntax of Explicit VR Little Endian, inflated, with their",
        "words swapped, or decompressed where there is a decoder. Frames come so unless `transfer-syntax` says",
        "otherwise. Objects and frames (as `image/jphc` and `image/jls`) are compressed without loss for those who ask",
        "for one of",
        f"{lossless},",
        "if they are images of 8 or 16 bits allocated, in MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB or YBR_FULL.",
        "An instance and a bulk value by itself come in ranges too. Rendered frames are JPEG, GIF or PNG, documents",
        "PDF.",
        "",
        "With `fuzzymatching=true` each part of the asked name must begin a part of the patient's. Besides what the",
        "table of queries lists, series are matched by the items of (0040,0275) Request Attributes Sequence:",
        "`RequestAttributesSequence.ScheduledProcedureStepID` and `RequestAttributesSequence.RequestedProcedureID`,",
        "both by the same item. Ranges of a date and of its time are matched combined, as moments; two quotation",
        'marks (`""`) match what has no value.',
        "",
    )
    return "\n".join(("## DICOMweb", "", *text, _table(("resource", "method", "service"), rows)))


def _security() -> str:
    text = (
        "TLS 1.2 or newer with certificates on both sides (PS3.15 B.12): the certificate of a device is compared",
        "with the one registered for its AE title. Without TLS `--plain` listens on loopback or one named local",
        "address only.",
        "Every object is encrypted at rest; every query, retrieval and storage is written to the audit log.",
        "",
    )
    return "\n".join(("## Security", "", *text))


def _charsets() -> str:
    text = (
        "All defined terms of PS3.3 C.12.1.1.2 are read, code extensions included. Objects leave as they came.",
        "Answers to queries say ISO_IR 192.",
        "",
    )
    return "\n".join(("## Character sets", "", *text))


def _transfer_syntaxes() -> str:
    rows = [(syntax.uid, syntax.name) for syntax in TRANSFER_SYNTAXES.values()]
    return "\n".join(("## Transfer syntaxes of stored objects", "", _table(("UID", "name"), rows)))


def _storage_classes() -> str:
    rows = [(found.uid, found.name) for found in SOP_CLASSES.values()]
    return "\n".join(("## Storage SOP classes", "", _table(("UID", "name"), rows)))
