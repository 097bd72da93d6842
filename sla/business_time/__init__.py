"""Opening hours as arithmetic: add business seconds to an instant, count them between two."""

from sla.business_time.calendar import BusinessCalendar, Interval, NeverOpensError
from sla.business_time.ranges import WEEKDAYS, Pauses, Ranges, Reason

__all__ = ["WEEKDAYS", "BusinessCalendar", "Interval", "NeverOpensError", "Pauses", "Ranges", "Reason"]
