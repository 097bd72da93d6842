"""Which failures pass by themselves. Each is named; whatever is not named here is a fault of ours."""

import smtplib
import ssl
from email.errors import MessageError

# The connection broke or never came to be. A login that is refused is the server's or the settings' matter, not the mail's.
BROKEN_CONNECTION = (
    smtplib.SMTPServerDisconnected,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    ConnectionError,
    TimeoutError,
    ssl.SSLError,
)
# The server answered with a code: 4xx passes, 5xx stays.
ANSWERED = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
# The message itself cannot be sent: a bad address, a line break in a header, characters that the server does not take.
BAD_MESSAGE = (ValueError, UnicodeError, MessageError, smtplib.SMTPNotSupportedError)


def is_permanent(error: Exception) -> bool:
    """True if trying again cannot help: a 5xx answer, or a message that no server would take."""
    if isinstance(error, BROKEN_CONNECTION):
        return False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, BAD_MESSAGE)


def reason(error: Exception) -> str:
    """The failure in one line: its kind and what the server said."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(text)}" for code, text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def code(error: Exception) -> str:
    """The failure for logs, which others read than the mail's people: what a server says often names an address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(sorted({str(code) for code, _ in error.recipients.values()}))
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code)
    return type(error).__name__


def _text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
