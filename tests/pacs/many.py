"""A hundred thousand studies as rows, made by SQLite itself: each with a patient, a series and two name tokens."""

from django.db import connection

from accounts.models import Tenant

# Of twenty tenants, the one that is looked at has half of all studies.
NEIGHBOURS = 19
_ID = "printf('%032x', n)"
# Numbers without a pattern, so that no two columns go together.
_MIX = "(n * 2654435761 % 4294967296 / 65536)"
_MIX_2 = "(n * 2246822519 % 4294967296 / 65536)"
_MIX_3 = "(n * 3266489917 % 4294967296 / 65536)"
_FAMILY = f"substr('smithjonesmeyerbraunperezwoods', 1 + 5 * ({_MIX} % 6), 5) || char(97 + {_MIX} / 6 % 26)"
_MODALITY = f"CASE WHEN {_MIX_2} % 3 THEN 'CT' WHEN {_MIX_2} % 1500 THEN 'PX' ELSE 'OPT' END"
_PATIENT = {
    "id": _ID,
    "match_key": "'p' || n",
    "dicom_patient_id": "'P' || n",
    "issuer": "''",
    "name": "'X'",
    "name_pn": "'X'",
    "sex": "'F'",
    "created_at": "'2026-01-01'",
}
_STUDY = {
    "id": _ID,
    "patient_id": _ID,
    "key_id": _ID,
    "study_instance_uid": "'2.25.' || n",
    "study_date": "date('2000-01-01', '+' || (n * 7919 % 9000) || ' days')",
    "patient_name": f"{_FAMILY} || ', Petra'",
    "patient_name_folded": f"{_FAMILY} || ' petra'",
    "patient_name_pn": f"{_FAMILY} || '^petra'",
    "dicom_patient_id": "'P' || n",
    "accession_number": "'ACC' || n",
    "modalities": _MODALITY,
    "number_of_series": "1",
    "number_of_instances": "3",
    "size_bytes": "1000",
    "received_at": "datetime('2020-01-01', '+' || n || ' minutes')",
    "updated_at": "'2026-01-01'",
    "conflict": "CASE WHEN n % 1000 THEN '' ELSE 'differs' END",
    "report_state": f"CASE WHEN {_MIX_3} % 4 THEN 'signed' WHEN {_MIX_3} % 8 THEN '' ELSE 'draft' END",
    "shared_until": f"CASE WHEN {_MIX_3} % 10 THEN NULL ELSE '2090-01-01' END",
    "study_time": "''",
    "study_id": "''",
    "description": "'CBCT'",
    "referring_physician_name": "''",
    "issuer_of_patient_id": "''",
    "patient_sex": "'F'",
}
_SERIES = {
    "id": _ID,
    "study_id": _ID,
    "series_instance_uid": "'2.25.1.' || n",
    "modality": _MODALITY,
    "number_of_instances": "3",
    "prepared_instances": "CASE WHEN n % 500 THEN 3 ELSE 1 END",
    "size_bytes": "1000",
    "scene": "x'00'",
    "metadata_blob_id": _ID,
    "description": "''",
    "body_part_examined": "''",
    "laterality": "''",
    "manufacturer": "''",
    "manufacturer_model_name": "''",
}
_TOKENS = [
    {"id": f"printf('%032x', 2 * n + {digit})", "study_id": _ID, "token": token}
    for digit, token in enumerate((_FAMILY, "'petra'"))
]
_TABLES = [
    ("pacs_patient", _PATIENT),
    ("pacs_study", _STUDY),
    ("pacs_series", _SERIES),
    *(("pacs_nametoken", token) for token in _TOKENS),
]


def add_studies(tenant: Tenant, first: int, last: int) -> None:
    """Give a tenant the studies of these numbers, the last one included."""
    with connection.cursor() as cursor:
        for table, columns in _TABLES:
            names = ", ".join(["tenant_id", *columns])
            values = ", ".join([f"'{tenant.id.hex}'", *columns.values()])
            cursor.execute(
                f"WITH RECURSIVE numbers(n) AS (VALUES({first}) UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) "
                f"INSERT INTO {table} ({names}) SELECT {values} FROM numbers"
            )
