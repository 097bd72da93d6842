"""How users are made and looked up."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

if TYPE_CHECKING:
    from portal.accounts.models import User


class UserManager(BaseUserManager["User"]):
    """Looks e-mail addresses up without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this address. Raises User.DoesNotExist."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user; without a password nobody can sign in as them until an invitation is accepted."""
        user = self.model(email=self.normalize_email(email), name=name, **fields)
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save()
        return user
