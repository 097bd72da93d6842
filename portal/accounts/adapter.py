"""How allauth behaves here: nobody signs up, mail leaves through the outbox, an administrator keeps the second factor."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.choices import Role
from portal.accounts.mail import mail_to
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.signals import sign_in_failed

# allauth's mails that are sent here, and our templates for them. Its others (unknown address, sign-up) are not sent.
_MAILS = {
    "account/email/password_reset_key": "password_reset",
    "account/email/password_reset": "password_changed",
    "account/email/password_changed": "password_changed",
    "mfa/email/totp_activated": "second_factor_on",
    "mfa/email/totp_deactivated": "second_factor_off",
    "mfa/email/recovery_codes_generated": "recovery_codes",
}


class PortalAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Invitation only; the same answer whether somebody is here or not."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail address and password do not fit together."),
        "too_many_login_attempts": _("Too many failed attempts. Wait some minutes, or reset your password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or no longer. Enter the one shown now."),
        "rate_limited": _("Too many attempts. Wait some minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: people come by invitation."""
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note the failure with the person, if there is one."""
        sign_in_failed(str(credentials.get("email", "")))

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """Only to people who have a password: before that, the invitation is the way in."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail, on the configured host and never on one that the request names."""
        uid, __, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return str(settings.PORTAL_BASE_URL) + path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail; one that is not in the table is not sent."""
        template = _MAILS.get(template_prefix)
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if template and user:
            mail_to(user, template, {"link": context.get("password_reset_url", "")}, f"{user.pk}:{uuid.uuid4().hex}")


class PortalMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Administrators may renew their second factor through another administrator, not remove it."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or no longer. Enter the one shown now."),
        "cannot_delete_authenticator": _("Administrators need a second factor."),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not an administrator's."""
        return not actor_for(authenticator.user).has(Role.ADMINISTRATOR)
