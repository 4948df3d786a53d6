"""The DIMSE services (PS3.7, PS3.8) and the gateway."""
