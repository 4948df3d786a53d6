"""How `/api/v1/appointments` is described (OpenAPI 3.1)."""

from typing import Any, Final

from common.errors import InvalidInputError, TooLargeError, UnsupportedMediaTypeError
from pacs.appointments import plans
from pacs.appointments.csv_file import MAX_ROWS
from pacs.appointments.models import Appointment

_DAY: Final = {"type": "string", "format": "date"}
_OWN: Final[dict[str, Any]] = {
    "birth_date": _DAY,
    "sex": {"type": "string", "enum": ["M", "F", "O", ""]},
    "date": _DAY,
    "time": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):?[0-5][0-9]$"},
    "modality": {"type": "string", "pattern": "^[A-Z0-9_]{1,16}$"},
    "study_instance_uid": {"type": "string", "maxLength": 64, "pattern": "^(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*))+$"},
    "cancelled": {"type": "boolean"},
}
_PLANNED: Final = {
    "type": "object",
    "description": "One planned examination. Sent again under the same external_id it is changed, not added.",
    "required": list(plans.REQUIRED),
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "string", "maxLength": limit} for name, limit in plans.TEXTS.items()},
        **_OWN,
    },
}
_MANY: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": MAX_ROWS,
    "items": {"$ref": "#/components/schemas/PlannedAppointment"},
}
_KEPT: Final = {
    "type": "object",
    "required": ["external_id", "state", "date", "patient_id", "study"],
    "additionalProperties": False,
    "properties": {
        "external_id": {"type": "string"},
        "state": {"enum": list(Appointment.State.values)},
        "date": _DAY,
        "time": {"type": "string"},
        "modality": {"type": "string"},
        "station": {"type": "string"},
        "patient_id": {"type": "string"},
        "accession_number": {"type": "string"},
        "study_instance_uid": {"type": "string"},
        "study": {"type": ["string", "null"], "format": "uuid", "description": "The study that came of it."},
        "matched_by": {"enum": ["uid", "number", "day", "hand", None]},
    },
}
_PAGE: Final = {
    "type": "object",
    "required": ["appointments", "next"],
    "additionalProperties": False,
    "properties": {
        "appointments": {"type": "array", "items": {"$ref": "#/components/schemas/Appointment"}},
        "next": {"type": ["string", "null"], "description": "What to ask for as `cursor` for the next page."},
    },
}
_SAVED: Final = {
    "type": "object",
    "required": ["added", "changed"],
    "additionalProperties": False,
    "properties": {"added": {"type": "integer", "minimum": 0}, "changed": {"type": "integer", "minimum": 0}},
}


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"description": description, "content": {"application/json": {"schema": schema}}}}


SCHEMAS: Final = {"PlannedAppointment": _PLANNED, "Appointment": _KEPT}
PATHS: Final[dict[str, Any]] = {
    "/api/v1/appointments": {
        "get": {
            "operationId": "listAppointments",
            "summary": "List the appointments of some days, and what became of them",
            "parameters": [
                _query("from", _DAY, "The first day; today if none is given."),
                _query("to", _DAY, "The last day; the first if none is given."),
                _query("cursor", {"type": "string", "format": "uuid"}, "`next` of the last answer."),
            ],
            "responses": _answer("A page of appointments.", _PAGE),
            "x-refusals": [InvalidInputError],
        },
        "post": {
            "operationId": "saveAppointments",
            "summary": "Save appointments: all of them, or none where one cannot be kept",
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "anyOf": [
                                {"$ref": "#/components/schemas/PlannedAppointment"},
                                _MANY,
                                {"type": "object", "required": ["appointments"], "properties": {"appointments": _MANY}},
                            ]
                        }
                    },
                    "application/fhir+json": {
                        "schema": {
                            "type": "object",
                            "description": "A Bundle of Appointment or ServiceRequest, and Patient (FHIR R4).",
                            "required": ["resourceType", "entry"],
                            "properties": {"resourceType": {"const": "Bundle"}, "entry": {"type": "array"}},
                        }
                    },
                    "text/csv": {
                        "schema": {"type": "string", "description": "A header line with the names of the fields."}
                    },
                },
            },
            "responses": _answer("How many were added and changed.", _SAVED),
            "x-refusals": [InvalidInputError, TooLargeError, UnsupportedMediaTypeError],
        },
    }
}
