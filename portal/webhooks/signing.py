"""Signatures as Standard Webhooks has them (standardwebhooks.com): HMAC-SHA256 over id, timestamp and body. Pure."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Final

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX: Final = "whsec_"
TOLERANCE: Final = 300  # seconds that the clocks of both sides may differ, delivery included
MAX_ID: Final = 200


class BadSignatureError(Exception):
    """A request that is not to be believed; `code` is missing, malformed, old, early or forged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def new_secret() -> str:
    """A secret of 32 random bytes, as both sides write it down."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret. Raises ValueError for one that is not base64 or is shorter than 24 bytes."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) < 24:
        raise ValueError("too short")
    return key


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header; `timestamp` in seconds since 1970, of this attempt."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def headers_for(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a signed request."""
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: sign(secret, message_id, timestamp, body)}


def verify(
    secrets_: Iterable[str], headers: Mapping[str, str], body: bytes, now: float, tolerance: int = TOLERANCE
) -> str:
    """Check a request that came in against any of these secrets; returns its id, which must not come twice.

    `headers` by lower-case name or case-insensitive; `now` in seconds since 1970. Raises BadSignatureError.
    """
    message_id, stamp, given = (headers.get(name) or "" for name in (ID, TIMESTAMP, SIGNATURE))
    if not (message_id and stamp and given):
        raise BadSignatureError("missing")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12) or len(message_id) > MAX_ID or "\0" in message_id:
        raise BadSignatureError("malformed")
    if int(stamp) < now - tolerance:
        raise BadSignatureError("old")
    if int(stamp) > now + tolerance:
        raise BadSignatureError("early")
    offered = [part.encode(errors="replace") for part in given.split(" ")[:10]]
    for secret in secrets_:
        expected = sign(secret, message_id, int(stamp), body).encode()
        if any(hmac.compare_digest(expected, one) for one in offered):
            return message_id
    raise BadSignatureError("forged")
