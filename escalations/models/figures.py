"""What cases count for in the figures of their sites."""

from django.db import models

from .case import Case


class CaseCount(models.Model):
    """How often a case counts for a component on a day of its site; `person`: the agent who raised it, if one did.

    Made from the case, its entries and its clocks, and made again when they change: so that a day is added up without
    reading through all cases, and a case that changes tells which days it leaves.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="counts", db_index=False)
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    day = models.DateField()
    component = models.CharField(max_length=40)
    value = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "component", "day"], name="case_count_once")]
        indexes = [models.Index(fields=["site", "day"], name="case_count_site_day")]

    def __str__(self) -> str:
        return f"{self.component} of case {self.case_id}"
