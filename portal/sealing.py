"""Secrets at rest: what the portal must be able to say again (passwords of mailboxes, secrets of webhooks) is encrypted.

The key is PORTAL_SECRETS_KEY, else derived from SECRET_KEY. Of several, separated by commas, the first encrypts and all
decrypt, so that a key can be replaced.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SealBrokenError(Exception):
    """What was encrypted cannot be read with the keys at hand."""


def seal(text: str) -> str:
    """Encrypt a secret; an empty one stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The secret again. Raises SealBrokenError if it was encrypted with a key that is not at hand."""
    try:
        return _box().decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise SealBrokenError(
            "encrypted with another key: enter it again, or name the old PORTAL_SECRETS_KEY"
        ) from error


def _box() -> MultiFernet:
    return _box_of(tuple(settings.PORTAL_SECRETS_KEYS) or (settings.SECRET_KEY,))


@lru_cache(maxsize=8)
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal secrets at rest").derive(key.encode())
