"""Partner, site, programme, team and job role."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.naming import Named

CODE = RegexValidator(r"\A[A-Z0-9][A-Z0-9-]{0,15}\Z", _("Use up to 16 capital letters, digits and hyphens."), "code")


def code_field() -> "models.CharField[str, str]":
    """A short code in capitals, as people say it aloud and as addresses show it."""
    return models.CharField(_("code"), max_length=16, validators=[CODE])


def code_check(name: str) -> models.CheckConstraint:
    """The database's own word on what a code looks like."""
    return models.CheckConstraint(condition=models.Q(code__regex=r"^[A-Z0-9][A-Z0-9-]{0,15}$"), name=name)


class Partner(Named):
    """A company that runs sites."""

    code = code_field()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("code",), name="partner_code_unique"),
            code_check("partner_code_format"),
        )


class Site(Named):
    """A place where a partner works: it has a time zone (IANA name) and, as a rule, a business calendar."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="sites", verbose_name=_("partner"))
    code = code_field()
    time_zone = models.CharField(_("time zone"), max_length=64)
    calendar = models.ForeignKey(
        "sla.Calendar", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("business calendar")
    )

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("code",), name="site_code_unique"),
            code_check("site_code_format"),
        )


class Programme(Named):
    """A line of business at a site; the same code at several sites means the same line."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="programmes", verbose_name=_("site"))
    code = code_field()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("site", "code"), name="programme_code_unique"),
            # Target of the placement's two-column foreign key.
            models.UniqueConstraint(fields=("id", "site"), name="programme_site_key"),
            code_check("programme_code_format"),
        )


class Queue(Named):
    """Where contacts of a programme arrive; the same code at several sites means the same kind of contact."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="queues", verbose_name=_("programme"))
    code = code_field()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("programme", "code"), name="queue_code_unique"),
            code_check("queue_code_format"),
        )


class Team(Named):
    """A group of people within a programme."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="teams", verbose_name=_("programme"))

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint("programme", Lower("name"), name="team_name_unique"),
            # Target of the placement's two-column foreign key.
            models.UniqueConstraint(fields=("id", "programme"), name="team_programme_key"),
        )


class JobRole(Named):
    """What somebody does; `leads` marks the roles whose holders may lead others."""

    code = code_field()
    leads = models.BooleanField(_("leads other people"), default=False)

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("code",), name="job_role_code_unique"),
            code_check("job_role_code_format"),
        )
