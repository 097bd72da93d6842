"""What is wrong with a row of a file, in the reader's language."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..components import BY_CODE

_TEXTS: Final[Mapping[str, Promise]] = {
    "nul": gettext_lazy("contains a NUL character"),
    "not_utf8": gettext_lazy("is not UTF-8"),
    "not_csv": gettext_lazy("cannot be read as CSV: %(why)s"),
    "unreadable": gettext_lazy("cannot be read: %(why)s"),
    "width": gettext_lazy("%(found)s columns instead of %(expected)s"),
    "not_json": gettext_lazy("is not JSON"),
    "not_object": gettext_lazy("is not a JSON object"),
    "not_a_value": gettext_lazy("holds a list or an object where a value belongs"),
    "missing": gettext_lazy("is missing"),
    "unknown_site": gettext_lazy("“%(value)s” is no site that this file may speak of"),
    "unknown_queue": gettext_lazy("“%(value)s” is no queue of the site"),
    "ambiguous_queue": gettext_lazy("“%(value)s” is a queue of several programmes of the site; name the programme"),
    "unknown_agent": gettext_lazy("“%(value)s” is nobody whom the site's partner employs"),
    "unknown_component": gettext_lazy("“%(value)s” is no component that is set up"),
    "unknown_survey": gettext_lazy("“%(value)s” is neither nps nor csat"),
    "not_a_time": gettext_lazy("“%(value)s” is not a time that the mapping knows"),
    "number_for_time": gettext_lazy("holds the number “%(value)s” where a time belongs; are columns swapped?"),
    "out_of_years": gettext_lazy("“%(value)s” is not between 2000 and a year from now"),
    "no_such_hour": gettext_lazy("“%(value)s” did not happen: clocks were put forward over that hour"),
    "ambiguous_hour": gettext_lazy(
        "“%(value)s” happened twice, as clocks were put back, and comes only once here; give both or write the offset"
    ),
    "not_a_start": gettext_lazy("“%(value)s” does not begin an interval of the mapping's length"),
    "percent": gettext_lazy("“%(value)s” is a percentage; a count belongs here"),
    "fraction": gettext_lazy("“%(value)s” is a share; a count belongs here"),
    "not_whole": gettext_lazy("“%(value)s” is not a whole number"),
    "decimal_comma": gettext_lazy("“%(value)s” has a decimal comma; the mapping says decimal point"),
    "decimal_point": gettext_lazy("“%(value)s” has a decimal point; the mapping says decimal comma"),
    "thousands": gettext_lazy("“%(value)s” has separators; write the number without them"),
    "date_for_number": gettext_lazy("holds the date or time “%(value)s” where a number belongs; are columns swapped?"),
    "date_for_name": gettext_lazy(
        "holds the date or time “%(value)s” where a code or a name belongs; are columns swapped?"
    ),
    "not_a_number": gettext_lazy("“%(value)s” is not a number"),
    "not_yes_no": gettext_lazy("“%(value)s” is neither yes nor no"),
    "not_in_table": gettext_lazy("“%(value)s” is not in the mapping's table"),
    "too_large": gettext_lazy("“%(value)s” is too large"),
    "too_long": gettext_lazy("“%(value)s” is too long"),
    "negative": gettext_lazy("%(field)s is %(value)s; it cannot be below 0"),
    "not_above_zero": gettext_lazy("%(field)s is 0; something has to be possible"),
    "over": gettext_lazy("%(field)s (%(value)s) is more than %(other)s (%(limit)s)"),
    "both_over": gettext_lazy("together with %(field)s it comes to %(value)s, more than %(other)s (%(limit)s)"),
    "off_scale": gettext_lazy("%(value)s is not on the scale of this survey"),
    "length": gettext_lazy("an interval of %(value)s seconds is too short or too long"),
    "twice": gettext_lazy("the same as in row %(row)s is said again"),
    "overlap": gettext_lazy("the interval overlaps that of row %(row)s"),
    "stands": gettext_lazy("the interval overlaps one that was imported before"),
}
_NAMES: Final[Mapping[str, Promise]] = {
    "seconds": gettext_lazy("Length of the interval"),
    "points": gettext_lazy("Points given"),
    "possible": gettext_lazy("Points possible"),
    "score": gettext_lazy("Score"),
    "scale": gettext_lazy("Scale"),
}
# What is looked up by a code or a name, and how a date begins that somebody put there.
_OF_NAMES: Final = frozenset({"unknown_site", "unknown_queue", "unknown_agent", "unknown_component"})
_DATED: Final = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4}")
_SAYS: Final = {"abandoned": "answered", "handle": "available"}
# What a bad row's cells say, or a reader said of them.
_OF_CELLS: Final = ("value", "limit", "why")


def fault_text(code: str, params: Mapping[str, Any], *, masked: bool = False) -> str:
    """The sentence of a fault, without its row and column; `masked`: without what the cells say, too."""
    swapped = not masked and code in _OF_NAMES and _DATED.match(str(params.get("value", "")))
    text = _TEXTS["date_for_name"] if swapped else _TEXTS.get(code)
    if text is None:
        return _("cannot be taken")
    said = {"value": "", "row": "", "limit": "", "found": "", "expected": "", "why": ""} | dict(params)
    if masked:
        said |= dict.fromkeys(_OF_CELLS, "…")
    field = str(said.get("field", ""))
    said["field"] = column_name(_SAYS.get(field, field) if code == "both_over" else field)
    said["other"] = column_name(str(said.get("other", "")))
    return str(text) % said


def column_name(code: str) -> str:
    component = BY_CODE.get(code)
    if component is not None:
        return str(component.label)
    return str(_NAMES.get(code, code))
