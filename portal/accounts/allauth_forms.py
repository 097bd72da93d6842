"""allauth's forms in our words, and with an end to what may be typed."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.core.validators import MaxLengthValidator
from django.forms import CharField
from django.utils.translation import gettext_lazy as _

_LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("The same again"),
    "code": _("Code"),
}
_LONGEST = 254


class InOurWords:
    """Labels of ours, no placeholders, at most 254 characters a field."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = _LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, CharField):
                field.widget.attrs["maxlength"] = str(_LONGEST)
                field.validators.append(MaxLengthValidator(_LONGEST))
        if "code" in self.fields:
            self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class LoginForm(InOurWords, account.LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""  # the page has the link to the reset


class ResetPasswordForm(InOurWords, account.ResetPasswordForm):  # type: ignore[misc]
    """The address to which the link goes."""


class ResetPasswordKeyForm(InOurWords, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password, twice."""


class ChangePasswordForm(InOurWords, account.ChangePasswordForm):  # type: ignore[misc]
    """The present password, and the new one twice."""


class ReauthenticateForm(InOurWords, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something delicate."""


class AuthenticateForm(InOurWords, mfa.AuthenticateForm):  # type: ignore[misc]
    """The one-time code at sign-in."""


class ReauthenticateCodeForm(InOurWords, mfa.ReauthenticateForm):  # type: ignore[misc]
    """A one-time code once more, before something delicate."""


class ActivateForm(InOurWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first one-time code of a new authenticator."""
