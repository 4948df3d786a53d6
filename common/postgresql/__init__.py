"""Django's engine for PostgreSQL, with transactions that cost fewer trips to the server."""
