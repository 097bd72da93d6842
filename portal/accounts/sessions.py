"""Sessions in the database, deaf to cookies that no server of ours has set."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

_LONGEST = 40  # the column's width


class SessionStore(DatabaseSessions):
    """Looks only for keys that it could have made: anything else, a NUL for instance, PostgreSQL would not take."""

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key) and 8 <= len(str(key)) <= _LONGEST and str(key).isascii() and str(key).isalnum()
