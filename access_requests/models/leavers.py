"""People who were reported as leaving and held nothing: there is no item that would say so."""

from django.db import models
from django.db.models import Q

from .requests import AccessRequest


class LeaverReport(models.Model):
    """Somebody of a leaver request held nothing, and nothing was on its way. `cancelled_at`: taken back with the request."""

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="empty_reports", db_index=False)
    person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "person"], name="leaver_report_once"),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(cancelled_at=None), name="leaver_report_person")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.request_id}"
