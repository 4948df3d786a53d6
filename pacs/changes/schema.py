"""How `/api/v1/changes` is described (OpenAPI 3.1)."""

from typing import Any, Final

from common.errors import InvalidInputError
from pacs.changes.errors import ChangesAheadError
from pacs.changes.selectors import PAGE

_NUMBER: Final = {"type": "integer", "minimum": 0}
_CHANGE: Final = {
    "type": "object",
    "description": "How a study stands now. Of what is deleted, destroyed or hidden only the first four are said.",
    "required": ["number", "at", "study", "state"],
    "additionalProperties": False,
    "properties": {
        "number": _NUMBER,
        "at": {"type": "string", "format": "date-time"},
        "study": {"type": "string", "format": "uuid"},
        "state": {"enum": ["ready", "preparing", "held", "deleted", "destroyed"]},
        "study_instance_uid": {"type": "string", "maxLength": 64},
        "patient_id": {"type": "string"},
        "issuer_of_patient_id": {"type": "string"},
        "accession_number": {"type": "string"},
        "study_date": {"type": ["string", "null"], "format": "date"},
        "modalities": {"type": "array", "items": {"type": "string"}},
        "number_of_instances": _NUMBER,
        "report": {"enum": ["draft", "signed", None]},
        "appointment": {"type": ["string", "null"], "description": "The external_id of the appointment."},
    },
}
_PAGE: Final = {
    "type": "object",
    "required": ["changes", "next", "more"],
    "additionalProperties": False,
    "properties": {
        "changes": {"type": "array", "maxItems": PAGE, "items": {"$ref": "#/components/schemas/Change"}},
        "next": {**_NUMBER, "description": "What to ask for as `after` the next time."},
        "more": {"type": "boolean"},
    },
}
SCHEMAS: Final = {"Change": _CHANGE}
PATHS: Final[dict[str, Any]] = {
    "/api/v1/changes": {
        "get": {
            "operationId": "listChanges",
            "summary": "List the studies that changed after a number, in order",
            "parameters": [
                {
                    "name": "after",
                    "in": "query",
                    "description": "`next` of the last answer; 0 for all.",
                    "schema": {**_NUMBER, "maximum": 10**18 - 1, "default": 0},
                }
            ],
            "responses": {
                "200": {"description": "A page of changes.", "content": {"application/json": {"schema": _PAGE}}}
            },
            "x-refusals": [InvalidInputError, ChangesAheadError],
        }
    }
}
