"""What a session of staff remembers beside the person: moments as seconds since 1970."""

# When the first factor was given; the second must follow soon.
FIRST_FACTOR = "first_factor_at"
# When both were given, and when the person was there last.
STARTED, SEEN = "started", "seen"
# When a second factor was given last: what is dangerous asks for a fresh one.
FACTOR = "factor_at"
# The active tenant.
TENANT = "tenant_id"
