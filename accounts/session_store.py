"""Django's sessions in the database, for keys that can be one: a quoted cookie may hold any character."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Begins anew where a cookie holds no key."""

    def _validate_session_key(self, key: str | None) -> bool:
        is_plain = bool(key) and key.isascii() and key.isalnum()  # type: ignore[union-attr]
        return is_plain and super()._validate_session_key(key)  # type: ignore[misc]  # not in the stubs
