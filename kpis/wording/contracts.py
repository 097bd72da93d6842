"""What refusals about contracts, disputed ranges and results say."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from .periods import day_text, month_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REFUSALS: Final[Mapping[str, "StrOrPromise"]] = {
    "code_taken": _("Another contract has this code. Choose another one."),
    "covered": _("The site is under a contract in this period: %(contract)s. End that first."),
    "other_partner": _("The site belongs to another partner."),
    "cover_frozen": _(
        "Results were frozen for this site in or after that month. It stays under the contract until then."
    ),
    "overlap": _("Another version is in force in this period."),
    "frozen": _("Results were frozen under this version, so it stays as it is. Make a new version from a later month."),
    "months_frozen": _("Results of %(month)s were frozen under the version before. Choose a later month."),
    "not_later": _("The new version has to begin later than the one before."),
    "no_lines": _("Add at least one KPI."),
    "no_weight": _("All weights are 0, so nothing would count. Give at least one KPI a weight above 0."),
    "kpi_twice": _("This KPI is on the scorecard already."),
    "formula_elsewhere": _("This formula belongs to another KPI."),
    "no_formula": _("This KPI has no formula yet. Define one first."),
    "thresholds_up": _("Higher is better: red has to be below the target, and stretch above it."),
    "thresholds_down": _("Lower is better: red has to be above the target, and stretch below it."),
    "thresholds_band": _("In a band: red, target, upper target and upper red go up in this order, without stretch."),
    "band_twice": _("Two bands begin at the same score."),
    "earn_back": _("Say from which score a malus is earned back."),
    "no_contract": _("No contract judges this site in this month."),
    "no_terms": _("The scorecard in force has no KPIs with a weight."),
    "not_over": _("The month is not over yet."),
    "provisional": _("Still provisional: %(kpis)s. The month can be frozen from %(day)s on."),
    "sums_pending": _("Figures of this month are being made from what was imported. Try again in a minute."),
    "not_frozen": _("The month is not frozen yet."),
    "unchanged": _("Nothing has changed since revision %(revision)s, so no revision was made."),
    "reason_missing": _("Say why the result is made again."),
    "no_statement": _("There is no statement yet. Enter the invoice first."),
    "superseded": _("A later revision of the result exists. Sign its statement instead."),
    "signed": _("Both sides have signed. The statement stays as it is."),
    "signed_side": _("Your side has signed already."),
    "same_person": _("Two different people sign. You have signed for the other side, or stand in for whoever did."),
    "statement_changed": _("The statement changed since you opened it. Look at it again."),
    "earned_back_changed": _(
        "An earlier month was signed since, so what this one earns back is no longer what was signed. The company makes a revision "
        "of the result, and both sides sign that."
    ),
    "invoice_signed": _("Somebody signed the statement of this invoice. Make a revision of the result first."),
    "range_order": _("The end has to be later than the beginning."),
    "range_long": _("At most %(days)s days at once."),
    "range_future": _("It has not begun yet."),
    "no_such_hour": _("Clocks went forward: this hour did not exist at the site."),
    "queue_elsewhere": _("The queue belongs to another site."),
    "own_proposal": _(
        "Nobody decides what they proposed themselves, or what was proposed for somebody they stand in for."
    ),
    "own_side": _("Your side proposed it. The other side decides."),
    "decided": _("Already decided: %(state)s, by %(name)s."),
    "answer_missing": _("Say why you decline."),
    "not_yours": _("Only the side that proposed it takes it back."),
}


def refusal(code: str, params: Mapping[str, object] | None = None) -> str:
    """What to tell somebody whose change was refused. Days among the parameters are named in the reader's language, and months."""
    words = {name: _named(name, value) if isinstance(value, date) else value for name, value in (params or {}).items()}
    return str(REFUSALS.get(code, _("This is not possible."))) % words


def _named(what: str, day: date) -> str:
    return month_text(day) if what == "month" else day_text(day)
