"""Reason codes as sentences, in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from portal.refusals import RefusedError
from portal.ui.times import time_text

PLAIN = {
    "roster_previewed": _("This roster is open still."),
    "roster_sent": _("This roster was sent already."),
    "roster_applied": _("This roster was applied already."),
    "roster_discarded": _("This roster was discarded already."),
    "roster_busy": _("Another roster of this site was being read or applied. Try again."),
    "roster_day_in_range": _("Choose a day between 1970 and 2199."),
    "leave_overlap": _("This overlaps other leave of this person."),
    "leave_period_bounded": _("Choose the first day or a later one."),
    "leave_ends": _("Choose the last day of the leave."),
    "leave_within_engagement": _("No engagement covers these days."),
    "engagement_covers_leave": _("Leave reaches beyond these days. Change it first, or end the engagement."),
    "attestation_once_a_week": _("This week is confirmed already."),
    "attestation_from_monday": _("Choose a week by its Monday."),
    "attestation_too_early": _("This week has not begun yet."),
    "attestation_too_late": _("This week is too long ago to be confirmed."),
    "not_placed": _("The person has no primary placement on that day."),
    "still_employed": _("The person is employed on that day already. Choose a later day, or transfer them."),
    "partner_code_unique": _("Another partner has this code."),
    "partner_code_format": _("Use up to 16 capital letters, digits and hyphens."),
    "site_code_unique": _("Another site has this code."),
    "site_code_format": _("Use up to 16 capital letters, digits and hyphens."),
    "site_time_zone_known": _("Choose a time zone from the list."),
    "programme_code_unique": _("Another programme of this site has this code."),
    "programme_code_format": _("Use up to 16 capital letters, digits and hyphens."),
    "queue_code_unique": _("Another queue of this programme has this code."),
    "queue_code_format": _("Use up to 16 capital letters, digits and hyphens."),
    "team_name_unique": _("Another team of this programme has this name."),
    "job_role_code_unique": _("Another job role has this code."),
    "job_role_code_format": _("Use up to 16 capital letters, digits and hyphens."),
    "person_email_unique": _("Another person has this email address."),
    "engagement_overlap": _("This overlaps another engagement of this person."),
    "engagement_number_overlap": _("Somebody else has this employee number at this employer at that time."),
    "engagement_period_bounded": _("Choose the first day or a later one."),
    "engagement_covers_placements": _("Placements reach beyond these days. Change them first, or end the engagement."),
    "placement_primary_overlap": _("This overlaps another primary placement of this person."),
    "placement_loan_overlap": _("This overlaps another loan of this person to the same place."),
    "placement_period_bounded": _("Choose the first day or a later one."),
    "placement_within_engagement": _("No engagement covers these days. Add or change the engagement first."),
    "placement_own_lead": _("Nobody leads themselves. Choose somebody else."),
    "placement_team_needs_programme": _("Choose the team's programme as well."),
    "placement_programme_of_site": _("Choose a programme of this site."),
    "placement_team_of_programme": _("Choose a team of the programme."),
    "external_id_unique": _("Somebody has this id in this source already."),
    "external_id_not_empty": _("Type the id."),
    "lead_elsewhere": _("Choose somebody who leads at this site."),
    "employer_unknown": _("Choose an employer from the list."),
    "day_out_of_range": _("Choose a day between 1970 and 2199."),
    "partner_archived": _("This partner is archived. Restore it first."),
    "site_archived": _("This site is archived. Restore it first."),
    "programme_archived": _("This programme is archived. Restore it first."),
}


def day_text(day: date) -> str:
    """A day with its year, as the reader writes it."""
    return date_format(day, gettext("j M Y"))


def period_text(first: date, last: date | None) -> str:
    """From a day to a day, or from a day on."""
    if last is None:
        return gettext("from %(first)s") % {"first": day_text(first)}
    return gettext("%(first)s to %(last)s") % {"first": day_text(first), "last": day_text(last)}


def sentence(refused: RefusedError) -> str:
    """What went wrong and what to do about it."""
    special = _about_roster(refused.code, refused.params) or _with_params(refused.code, refused.params)
    return special or str(PLAIN[refused.code])


def _about_roster(code: str, params: Mapping[str, object]) -> str:
    if code == "import_refused":
        return str(params["why"])
    since = params.get("since")
    if code == "roster_busy" and isinstance(since, datetime):
        values = {"name": params.get("name") or gettext("A command"), "time": time_text(since)}
        text = gettext(
            "%(name)s has been at a roster of this site since %(time)s. Try again in a minute; nothing was changed."
        )
        return text % values
    last = params.get("last_day")
    if code == "roster_not_ready":
        number = int(str(params["number"]))
        text = ngettext(
            "%(n)d row is to be fixed or decided first.", "%(n)d rows are to be fixed or decided first.", number
        )
        return text % {"n": number}
    if code == "roster_too_old" and isinstance(last, date):
        text = gettext("A roster as of %(day)s was applied already. Choose that day or a later one.")
        return text % {"day": day_text(last)}
    return ""


def _with_params(code: str, params: Mapping[str, object]) -> str:
    if code in {"has_people", "has_sites"}:
        return _left(code, params["number"])
    if code == "not_in_charge":
        return gettext("The current placement is at %(site)s, which is not in your charge.") % params
    first, last = params.get("first_day"), params.get("last_day")
    if code == "ends_later" and isinstance(last, date):
        return gettext("The engagement ends before %(day)s already. Choose an earlier day.") % {"day": day_text(last)}
    if not isinstance(first, date):
        return ""
    if code == "ends_before_start":
        return gettext("Choose %(day)s or later.") % {"day": day_text(first)}
    return _overlap(code, str(params.get("other", "")), period_text(first, last if isinstance(last, date) else None))


def _overlap(code: str, other: str, period: str) -> str:
    values = {"other": other, "period": period}
    if code == "engagement_overlap":
        return gettext("This overlaps the engagement by %(other)s, %(period)s.") % values
    if code == "engagement_number_overlap":
        return gettext("%(other)s has this employee number, %(period)s.") % values
    if code == "placement_primary_overlap":
        return gettext("This overlaps the primary placement at %(other)s, %(period)s.") % values
    return gettext("This overlaps the loan to %(other)s, %(period)s.") % values


def _left(code: str, number: object) -> str:
    count = number if isinstance(number, int) else 0
    if code == "has_sites":
        text = ngettext("Archive its site first.", "Archive its %(number)s sites first.", count)
    else:
        text = ngettext(
            "Somebody is placed here, now or later. Move them first.",
            "%(number)s people are placed here, now or later. Move them first.",
            count,
        )
    return text % {"number": count}
