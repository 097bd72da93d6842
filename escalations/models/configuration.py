"""Services, issue types, severity matrices."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from escalations.choices import Impact, Severity, Urgency


def in_language(name: str, name_zh: str) -> str:
    """A configured name in the reader's language; English where there is no Chinese."""
    return name_zh if name_zh and (get_language() or "").startswith("zh") else name


class Service(models.Model):
    """A team with a scope of its own. Its members are accounts' memberships in the role of associate."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    name_zh = models.CharField(_("Name in Chinese"), max_length=120, blank=True)
    calendar = models.ForeignKey("sla.Calendar", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    gives_cases = models.BooleanField(db_default=False)  # unowned cases go to whoever is free, by themselves
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)


class IssueType(models.Model):
    """What a case is about, on three levels."""

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    level = models.PositiveSmallIntegerField()
    code = models.CharField(_("Code"), max_length=80, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    name_zh = models.CharField(_("Name in Chinese"), max_length=120, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level=1, parent=None) | Q(level__in=[2, 3], parent__isnull=False), name="issue_type_levels"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)


class SeverityCell(models.Model):
    """One cell of a service's severity matrix."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="matrix")
    impact = models.CharField(max_length=10, choices=Impact)
    urgency = models.CharField(max_length=10, choices=Urgency)
    severity = models.PositiveSmallIntegerField(choices=Severity)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "impact", "urgency"], name="severity_cell_once"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="severity_cell_known"),
        ]

    def __str__(self) -> str:
        return f"{self.impact} x {self.urgency} = S{self.severity}"
