"""Words for what rosters store as codes: fields, faults of rows, changes. In the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FIELDS: Final[Mapping[str, StrOrPromise]] = {
    "key": gettext_lazy("Employee number"),
    "name": pgettext_lazy("person", "Name"),
    "preferred_name": gettext_lazy("Preferred name"),
    "email": gettext_lazy("Email"),
    "language": gettext_lazy("Language"),
    "employee_number": gettext_lazy("Employee number"),
    "external_id": gettext_lazy("External id"),
    "job_role": gettext_lazy("Job role"),
    "programme": gettext_lazy("Programme"),
    "team": gettext_lazy("Team"),
    "lead": gettext_lazy("Lead"),
    "first_day": gettext_lazy("First day"),
    "last_day": gettext_lazy("Last day"),
    "placed": gettext_lazy("Placement"),
}
PLAIN: Final[Mapping[str, StrOrPromise]] = {
    "formula": gettext_lazy("This is a formula. Paste its value."),
    "not_text": gettext_lazy("This holds characters that are not text. Type it again."),
    "nobody": gettext_lazy("Give an employee number or an email address."),
    "missing": gettext_lazy("Fill this in: the person is new here."),
    "email_as_name": gettext_lazy("This is an email address. Put it into the email column and the name here."),
    "swapped_email": gettext_lazy("Name and email look swapped. Exchange the two columns."),
    "email_as_key": gettext_lazy("This is an email address. Are the columns in the right order?"),
    "day_there": gettext_lazy("This is a date. Are the columns in the right order?"),
    "no_letters": gettext_lazy("This is not a name. Are the columns in the right order?"),
    "left_unknown": gettext_lazy("Leave this row out: the last day is over, and the person was never here."),
    "employed_elsewhere": gettext_lazy("This person works for another employer now. Ask a coordinator."),
    "at_another_site": gettext_lazy("This person is at another site. Transfer them first, on their page."),
    "email_taken": gettext_lazy("Another person has this email address."),
    "email_of_other_key": gettext_lazy("Somebody with another name has this email address. Ask a coordinator."),
    "own_lead": gettext_lazy("Nobody leads themselves. Name somebody else."),
}
WITH_PARAMS: Final[Mapping[str, StrOrPromise]] = {
    "unreadable": gettext_lazy("The row cannot be read: %(why)s."),
    "too_long": gettext_lazy("Use at most %(most)s characters."),
    "language_unknown": gettext_lazy("“%(value)s” is not a language here. Write English or Chinese."),
    "email_malformed": gettext_lazy("“%(value)s” is not an email address."),
    "day_unknown": gettext_lazy("“%(value)s” is not a date. Write it as 2026-11-24."),
    "day_ambiguous": gettext_lazy("“%(value)s” may be %(one)s or %(other)s. Write it as 2026-11-24."),
    "unknown_job_role": gettext_lazy("There is no job role “%(value)s”. There are: %(known)s."),
    "unknown_programme": gettext_lazy("There is no programme “%(value)s” here. There are: %(known)s."),
    "unknown_team": gettext_lazy("There is no team “%(value)s” here. There are: %(known)s."),
    "team_in_several": gettext_lazy("Several programmes have a team “%(value)s”. Name the programme too."),
    "team_needs_programme": gettext_lazy("Name the programme of the new team “%(value)s”."),
    "repeated_key": gettext_lazy("Row %(row)s has %(value)s already."),
    "repeated_email": gettext_lazy("Row %(row)s has %(value)s already."),
    "same_person_twice": gettext_lazy("Row %(row)s is about the same person."),
    "lead_ambiguous": gettext_lazy(
        "Several people may be “%(value)s”: %(candidates)s. Give the employee number or email."
    ),
    "lead_leaves": gettext_lazy("“%(value)s” leaves with this roster. Name somebody who stays."),
    "lead_at_another_site": gettext_lazy("“%(value)s” is at another site. Name a lead of this one."),
    "lead_unknown": gettext_lazy("Nobody called “%(value)s” is at this site or in the file."),
    "ends_before_start": gettext_lazy("The last day is before the first, %(first_day)s."),
    "moves_later": gettext_lazy("A move from %(first_day)s is planned already. Change or withdraw that first."),
}
DAYS: Final = ("one", "other", "first_day")


def field_label(name: str) -> str:
    """What a field of a roster is called; a name that is none is a column's own."""
    return str(FIELDS.get(name, name))


def fault_text(code: str, params: Mapping[str, Any]) -> str:
    """What is wrong with a row and what to do about it."""
    if code in PLAIN:
        return str(PLAIN[code])
    values = {name: _day(value) if name in DAYS else value for name, value in params.items()}
    return str(WITH_PARAMS[code]) % values


def change_text(field: str, old: str | None, new: str | None) -> str:
    """One change in words: what it was, what it will be."""
    values = {"field": field_label(field), "old": _shown(field, old), "new": _shown(field, new)}
    if field == "placed":
        return _("Gets a placement at the site")
    if not old:
        return _("%(field)s: %(new)s") % values
    return _("%(field)s: %(old)s → %(new)s") % values


def _shown(field: str, value: str | None) -> str:
    if not value:
        return "–"
    return _day(value) if field in {"first_day", "last_day"} else value


def _day(value: Any) -> str:
    """A stored day as people read it."""
    try:
        return date_format(date.fromisoformat(str(value)), _("j M Y"))
    except ValueError:
        return str(value)
