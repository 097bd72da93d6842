"""Invitation tokens: random, and known to nobody but the mail."""

import hashlib
import secrets


def new_token() -> str:
    """32 random bytes, URL-safe."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What the database keeps of a token: its SHA-256, in hexadecimal digits."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
