"""People, roles and scopes made for tests."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.models import Delegation, Membership, User

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who came in: active, with PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.test")
    name = factory.Sequence(lambda n: f"Person {n}")

    @factory.post_generation
    def password(self: Any, create: bool, extracted: str | None, **kwargs: Any) -> None:
        """PASSWORD, or the one given."""
        self.set_password(extracted or PASSWORD)
        self.save()


class PlacePartnerFactory(factory.django.DjangoModelFactory):
    """A partner that memberships may name."""

    class Meta:
        model = "partners.Partner"

    name = factory.Sequence(lambda n: f"Partner {n}")
    code = factory.Sequence(lambda n: f"AP{n}")


class PlaceSiteFactory(factory.django.DjangoModelFactory):
    """A site that memberships may name."""

    class Meta:
        model = "partners.Site"

    name = factory.Sequence(lambda n: f"Site {n}")
    code = factory.Sequence(lambda n: f"AS{n}")
    time_zone = "Asia/Shanghai"
    partner = factory.SubFactory(PlacePartnerFactory)


class PlaceServiceFactory(factory.django.DjangoModelFactory):
    """A service that memberships may name."""

    class Meta:
        model = "escalations.Service"

    name = factory.Sequence(lambda n: f"Service {n}")
    code = factory.Sequence(lambda n: f"as{n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    """A role held since yesterday; `site=`, `partner=` or `service=` as the role needs."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.ADMINISTRATOR
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


class DelegationFactory(factory.django.DjangoModelFactory):
    """A stand-in since yesterday, until tomorrow."""

    class Meta:
        model = Delegation

    principal = factory.SubFactory(UserFactory)
    delegate = factory.SubFactory(UserFactory)
    created_by = factory.SelfAttribute("principal")
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))


def somebody(role: str, *, name: str = "", **scope: Any) -> User:
    """A user with one role. Without a scope, roles that need one get a new site or service."""
    user: User = UserFactory(**({"name": name} if name else {}))
    if not scope:
        scope = _usual_scope(role)
    MembershipFactory(user=user, role=role, **scope)
    return user


def administrator(name: str = "Ada Admin") -> User:
    """An administrator with a second factor."""
    user = somebody(Role.ADMINISTRATOR, name=name)
    with_second_factor(user)
    return user


def with_second_factor(user: User, secret: str = "JBSWY3DPEHPK3PXP") -> None:
    """Set up one-time codes for the user."""
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(user, secret)


def code_of(secret: str = "JBSWY3DPEHPK3PXP") -> str:
    """The one-time code of this moment."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))


def _usual_scope(role: str) -> dict[str, Any]:
    if role in {Role.ADMINISTRATOR, Role.AUDITOR, Role.IT}:
        return {}
    if role == Role.ASSOCIATE:
        return {"service": PlaceServiceFactory()}
    return {"site": PlaceSiteFactory()}
