"""The log in the formats of others: DICOM audit messages (PS3.15 A.5) and FHIR AuditEvent."""
