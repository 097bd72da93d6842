"""What packs say: headings, columns, notes and what is missing, by the codes that are frozen in them. A code is never taken away."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.audit.wording import listed
from portal.naming import in_language
from portal.ui.times import is_chinese

from ..blocks import Text

SECTION_TITLES: Final[Mapping[str, Promise]] = {
    "section.summary": _("Summary"),
    "section.scorecard": _("Scorecard"),
    "section.trends": _("Trends"),
    "section.volume": _("Volume"),
    "section.escalations": _("Escalations"),
    "section.access": _("Access"),
    "section.actions": pgettext_lazy("things to do", "Actions"),
    "section.next_week": _("What comes next"),
    "section.credits": _("Credits"),
    "section.attrition": _("Attrition"),
    "section.calibration": _("Calibration"),
    "section.top_issues": _("Top issues"),
    "section.voice": _("Voice of the customer"),
    "section.improvement": _("Improvement"),
    "section.commercials": _("Commercials"),
}
COLUMNS: Final[Mapping[str, Promise]] = {
    "column.site": _("Site"),
    "column.kpi": _("KPI"),
    "column.value": _("Value"),
    "column.n": _("Sample"),
    "column.low": _("Interval from"),
    "column.high": _("Interval to"),
    "column.target": _("Target"),
    "column.red": _("Red at"),
    "column.score": _("Score"),
    "column.change": pgettext_lazy("difference", "Change"),
    "column.before": _("Before"),
    "column.rag_r": pgettext_lazy("colour of a light", "Red"),
    "column.rag_a": pgettext_lazy("colour of a light", "Amber"),
    "column.rag_g": pgettext_lazy("colour of a light", "Green"),
    "column.rag_n": _("Not judged"),
    "column.signals": _("Signals"),
    "column.count": _("Number"),
    "column.what": _("What"),
    "column.day": _("Day"),
    "column.days_off": _("Holiday"),
    "column.issue": _("Issue type"),
    "column.opened": _("Opened"),
    "column.open": pgettext_lazy("how many are", "Open"),
    "column.closed": _("Closed"),
    "column.breached": _("Breached"),
    "column.action": pgettext_lazy("things to do", "Action"),
    "column.owner": _("Owner"),
    "column.side": _("Side"),
    "column.due": _("Due"),
    "column.begins": _("Begins"),
    "column.meeting": _("Meeting"),
    "column.month": _("Month"),
    "column.percent": _("Share of the invoice"),
    "column.amount": _("Amount"),
    "column.currency": _("Currency"),
    "column.state": _("State"),
    "column.leavers": _("Leavers"),
    "column.headcount": _("Headcount at the end"),
    "column.rate": _("Attrition of the month"),
    "column.title": _("Title"),
    "column.theme": _("Theme"),
    "column.quote": _("Quote"),
    "column.came": _("Came"),
    "column.decisions": _("Decisions"),
    "column.done": _("Done"),
    "column.expected": _("Expected change"),
    "column.verdict": _("Effect"),
    "column.line": _("Line"),
    "column.by": pgettext_lazy("a comment", "By"),
    "column.at": pgettext_lazy("a comment", "Written"),
    "column.when": _("When"),
    "column.comment": pgettext_lazy("on a pack", "Comment"),
    "column.period": _("Period"),
    "column.target_high": _("Target, upper end"),
    "column.mean": _("Mean"),
    "column.lower": _("Lower limit"),
    "column.upper": _("Upper limit"),
}
SENTENCES: Final[Mapping[str, Promise | str]] = {
    "pack.comments": _("Comments"),
    "pack.acknowledged": _("Acknowledged"),
    "summary.scores": _("Scores"),
    "summary.movers": _("What moved most"),
    "summary.moved": _("Moved most since the period before: %(names)s."),
    "summary.up": "▲ %(kpi)s",
    "summary.down": "▼ %(kpi)s",
    "summary.site_up": "▲ %(site)s · %(kpi)s",
    "summary.site_down": "▼ %(site)s · %(kpi)s",
    "summary.nothing_to_compare": _("There are no figures of two periods under the contract to compare."),
    "summary.nothing_moved": _("No figure of the contract moved since the period before."),
    "scorecard.lines": _("Scorecard"),
    "scorecard.sites": _("Sites"),
    "scorecard.exceptions": pgettext_lazy("packs", "Exceptions"),
    "scorecard.nothing": _("There are no figures."),
    "scorecard.no_week": _("No figures for this week."),
    "scorecard.no_month": _("No figures for this month."),
    "scorecard.no_quarter": _("No figures for this quarter."),
    "scorecard.no_exceptions": _("No line is red, and no control chart shows a signal."),
    "trends.weeks": _("%(kpi)s, by week"),
    "trends.months": _("%(kpi)s, by month"),
    "trends.nothing": _("There are no figures to show over time."),
    "volume.days": _("Contacts by day"),
    "volume.weeks": _("Contacts by week"),
    "volume.offered": _("Offered"),
    "volume.forecast": _("Forecast"),
    "volume.day": "%(day)s",
    "volume.total": _("Volume"),
    "escalations.counts": _("Cases"),
    "escalations.issues": _("Opened by issue type"),
    "escalations.none": _("No case was opened."),
    "escalations.no_issue": _("Without an issue type"),
    "escalations.sensitive": _("Sensitive cases are in the numbers above, and in no breakdown."),
    "access.readiness": _("Ready for the first shift"),
    "access.starting": _("Begin"),
    "access.ready": _("Ready"),
    "access.on_track": _("On track"),
    "access.at_risk": _("At risk"),
    "access.late": _("Late"),
    "access.overdue": _("Overdue requests"),
    "access.nobody": _("Nobody begins from the first day of the period to the end of the one after."),
    "actions.counts": _("Actions"),
    "actions.open": pgettext_lazy("actions", "Open"),
    "actions.done": _("Done in the period"),
    "actions.overdue": _("Overdue"),
    "actions.late": _("Overdue actions"),
    "actions.none_late": _("No action is overdue."),
    "actions.company": _("Company"),
    "actions.partner": _("Partner"),
    "next.holidays": _("Holidays"),
    "next.no_holidays": _("No holiday is known of."),
    "next.meetings": _("Meetings and visits"),
    "next.no_meetings": _("Nothing is planned."),
    "next.joiners": _("Joiners"),
    "next.no_joiners": _("Nobody begins."),
    "next.due": _("Actions that fall due"),
    "next.nothing_due": _("No action falls due."),
    "credits.statements": _("Statements"),
    "credits.none": _("No month of the period is frozen yet."),
    "credits.draft": _("Draft"),
    "credits.signed": _("Signed"),
    "credits.no_statement": _("No statement yet"),
    "attrition.months": _("Leavers and headcount"),
    "attrition.none": _("Nobody was employed here."),
    "calibration.held": _("Calibrations held"),
    "calibration.none": _("No calibration was held."),
    "top_issues.found": _("Evidence for top issues"),
    "top_issues.none": _("No finding is evidence for a top issue."),
    "voice.figures": _("What customers answered"),
    "voice.quotes": _("What customers said"),
    "voice.no_quotes": _("Nobody wrote a quote down."),
    "improvement.actions": _("Actions and their effect"),
    "improvement.none": _("No action with an expected effect was done."),
    "verdict.seen": _("Shift seen"),
    "verdict.not_seen": _("Shift not seen"),
    "verdict.too_early": _("Too early to say"),
    "verdict.untold": _("Cannot be told"),
    "line.provisional": _("%(kpi)s (provisional)"),
    "line.over_days": _("%(kpi)s (over %(count)s days)"),
}
#: What could not be said, on top of a pack and beside its section.
MISSING: Final[Mapping[str, Promise]] = {
    "no_data": _("%(site)s: there are no figures of this period."),
    "half_a_period": _(
        "%(site)s: figures reach from %(first_day)s to %(last_day)s only, or have gaps; days without: %(count)s."
    ),
    "absent_days": _("%(site)s: no figures of %(days)s; days without: %(count)s."),
    "lacking_sections": _("Sections without these figures: %(sections)s."),
    "no_contract": _("%(site)s: no contract judges this period, so there are no targets and no score."),
    "no_forecast": _("%(site)s: nobody handed in a forecast of the volume."),
    "no_volume": _("%(site)s: nobody handed in contacts of this period."),
    "no_calendar": _("%(site)s: without a business calendar no holiday is known."),
}
TEXTS: Final[Mapping[str, Promise | str]] = {**SECTION_TITLES, **COLUMNS, **SENTENCES, **MISSING}


def told(text: Text) -> str:
    """A name or sentence of a pack in the reader's language; the code itself for one that no version of this file knew."""
    if not text.code:
        return in_language(text.en, text.zh)
    if text.code not in TEXTS:
        return text.code
    return str(TEXTS[text.code]) % {key: _param(key, value) for key, value in text.params.items()}


def _param(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return listed([_item(key, one) for one in value])
    if isinstance(value, Mapping | Text):
        return _text(value)
    if key.endswith("day") and isinstance(value, str):
        return _day(value)
    return value


def _item(key: str, one: Any) -> str:
    if key == "sections":
        return told(Text(code=f"section.{one}"))
    return _text(one) if isinstance(one, Mapping | Text) else _days(*one)


def _text(value: Mapping[str, Any] | Text) -> str:
    return told(value if isinstance(value, Text) else Text(**value))


def _day(value: str) -> str:
    """`9 Nov`."""
    day = date.fromisoformat(value)
    return f"{day.month} 月 {day.day} 日" if is_chinese() else date_format(day, "j M", use_l10n=False)


def _days(first: str, last: str) -> str:
    return _day(first) if first == last else f"{_day(first)} – {_day(last)}"
