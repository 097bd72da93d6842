"""How often meetings of a series come again, in words."""

from django.utils.translation import gettext_lazy as _

RHYTHMS = {
    "week": _("Every week"),
    "two_weeks": _("Every two weeks"),
    "month": _("Every month, on the same weekday"),
    "quarter": _("Every three months, on the same weekday"),
}
