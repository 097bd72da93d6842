"""Users, memberships, delegations."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from portal.accounts.choices import (
    SERVICE_ROLES,
    SITE_OR_PARTNER_ROLES,
    SITE_ROLES,
    UNSCOPED_ROLES,
    Role,
)
from portal.accounts.managers import UserManager


class User(AbstractBaseUser):
    """Someone who can sign in. Never deleted: deactivated."""

    email = models.EmailField(_("E-mail"), max_length=254)
    name = models.CharField(_("Name"), max_length=120)
    language = models.CharField(_("Language"), max_length=8, default="en")
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    shortcuts_enabled = models.BooleanField(_("Single-key shortcuts"), default=True)
    is_active = models.BooleanField(_("Active"), default=True)
    person = models.OneToOneField(
        "partners.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="user"
    )
    date_joined = models.DateTimeField(default=timezone.now)
    # Part of what a session is checked against: counting it up ends every session of the user at its next request.
    session_version = models.PositiveIntegerField(default=0)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(condition=Q(language__in=["en", "zh-hans"]), name="user_language_known"),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="user_by_name"),
            # What `icontains` asks for: UPPER(column) LIKE '%TEXT%'.
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="user_name_search"),
            GinIndex(OpClass(Upper("email"), "gin_trgm_ops"), name="user_email_search"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        value = f"{self.password}:{self.session_version}"
        return salted_hmac("portal.accounts.session", value, secret=secret, algorithm="sha256").hexdigest()

    # Rights come from memberships alone; Django's own permissions are not used.
    is_staff = False
    is_superuser = False


def _scope_check() -> Q:
    none = Q(partner=None, site=None, service=None)
    service = Q(partner=None, site=None, service__isnull=False)
    site = Q(partner=None, site__isnull=False, service=None)
    partner = Q(partner__isnull=False, site=None, service=None)
    return (
        (Q(role__in=UNSCOPED_ROLES) & none)
        | (Q(role__in=SERVICE_ROLES) & service)
        | (Q(role__in=SITE_ROLES) & site)
        | (Q(role__in=SITE_OR_PARTNER_ROLES) & (site | partner))
    )


class Membership(models.Model):
    """A role within a scope, from a start until it is ended. Rows are ended, never deleted."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    service = models.ForeignKey(
        "escalations.Service", on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    is_lead = models.BooleanField(_("Leads the service"), default=False)
    starts_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_scope_check(), name="membership_scope_fits_role"),
            models.CheckConstraint(
                condition=Q(is_lead=False) | Q(role=Role.ASSOCIATE), name="membership_only_associates_lead"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("starts_at")), name="membership_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "partner", "site", "service"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="membership_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["service", "role"], condition=Q(ended_at=None), name="membership_service_live")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class TsTzRange(Func):
    """tstzrange(start, end) as an expression for the exclusion constraint."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Delegation(models.Model):
    """One person stands in for another for a period. One level: what is delegated is the principal's own memberships."""

    principal = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_given")
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_held")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # null: the system
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(principal=F("delegate")), name="delegation_to_somebody_else"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="delegation_ends_after_start"),
            ExclusionConstraint(
                name="delegation_one_stand_in_at_a_time",
                expressions=[
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                    ("principal", RangeOperators.EQUAL),
                ],
                condition=Q(cancelled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegate_id} for {self.principal_id}"


class Invitation(models.Model):
    """A way in for somebody new. The token itself is never stored, only its hash."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(accepted_at=None, withdrawn_at=None), name="invitation_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.user_id}"
