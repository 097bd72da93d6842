"""Handing over a shift: from whom to whom, a line per case, and what was taken over. All append-only."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from escalations.choices.shifts import LeftOut, ShiftWay

from .case import Case
from .timeline import TimelineEntry


class ShiftHandover(models.Model):
    """Somebody's open cases at the end of their shift, for whoever goes on. `key` is the form's: sent twice makes one."""

    giver = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    taker = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["giver", "key"], name="shift_handover_once"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="shift_handover_to_another"),
        ]
        indexes = [
            models.Index(fields=["giver", "-id"], name="shift_handover_given"),
            models.Index(fields=["taker", "-id"], name="shift_handover_taken"),
        ]

    def __str__(self) -> str:
        return f"shift of {self.giver_id} to {self.taker_id}"


class ShiftLine(models.Model):
    """One case of it: it moved, or is watched; or it was left out, and why. Its words are those of its entry."""

    handover = models.ForeignKey(ShiftHandover, on_delete=models.PROTECT, related_name="lines", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    way = models.CharField(max_length=7, choices=ShiftWay)
    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=10, choices=LeftOut, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "case"], name="shift_line_once"),
            models.CheckConstraint(condition=Q(way__in=ShiftWay.values), name="shift_line_way_known"),
            models.CheckConstraint(condition=Q(why__in=["", *LeftOut.values]), name="shift_line_why_known"),
            models.CheckConstraint(
                condition=Q(way=ShiftWay.LEFT, entry=None) & ~Q(why="")
                | ~Q(way=ShiftWay.LEFT) & Q(entry__isnull=False, why=""),
                name="shift_line_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} {self.way}"


class ShiftTick(models.Model):
    """A line that whoever takes over has read and taken over."""

    line = models.OneToOneField(ShiftLine, on_delete=models.PROTECT, related_name="tick", primary_key=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"line {self.line_id} taken over"
