"""Days on which somebody who is employed does not work."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..choices import LeaveKind
from .people import LIVE, Dated, Person, bounded


class Leave(Dated):
    """A person's leave: it ends, lies within an engagement (a trigger sees to it) and overlaps no other."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="leaves")
    kind = models.CharField(_("kind"), max_length=10, choices=LeaveKind)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-period", "id")
        constraints = (
            bounded("leave_period_bounded"),
            models.CheckConstraint(condition=Q(period__upper_inf=False), name="leave_ends"),
            models.CheckConstraint(condition=Q(kind__in=LeaveKind.values), name="leave_kind_known"),
            ExclusionConstraint(
                name="leave_overlap",
                expressions=(("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)),
                condition=LIVE,
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.period}"
