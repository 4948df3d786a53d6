"""The probes, one module for each source that they read: `(tenant_id) -> Measured`, inside the tenant's scope."""
