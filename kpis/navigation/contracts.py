"""Entries of the side navigation, words for the trail, and who reads the evidence, of contracts, disputed ranges and results."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.audit.wording import joined
from portal.files.registry import register_owner
from portal.ui.registry import NavItem, register_nav

from ..actions.exclusions import OWNER
from ..choices import Side
from ..models import Contract, Exclusion, Invoice, Result, Statement
from ..queries import agreements
from ..queries.scope import reads_figures
from ..wording.periods import day_text, month_text

if TYPE_CHECKING:
    from partners.models import Site
    from portal.accounts.rules import Actor
    from portal.files.models import StoredFile

VERBS = {
    "contract.added": _("Added a contract"),
    "contract.changed": _("Changed a contract"),
    "contract.site_covered": _("Put a site under a contract"),
    "contract.site_ended": _("Took a site out of a contract"),
    "contract.version_made": _("Made a new version of a scorecard"),
    "contract.terms_set": _("Changed what a scorecard says"),
    "result.frozen": _("Froze the result of a month"),
    "result.revised": _("Made a frozen result again"),
    "invoice.set": _("Entered an invoice"),
    "statement.signed": _("Signed a statement"),
    "exclusion.proposed": _("Disputed a time range"),
    "exclusion.evidence": _("Added evidence to a disputed range"),
    "exclusion.approved": _("Approved a disputed range"),
    "exclusion.declined": _("Declined a disputed range"),
    "exclusion.withdrawn": _("Took a disputed range back"),
}


def register() -> None:
    """Navigation, words and evidence."""
    register_nav(NavItem("performance", "contracts", _("Contracts"), "kpis:contracts", "file", 40, reads_figures))
    register_nav(NavItem("performance", "results", _("Results"), "kpis:results", "lock", 50, reads_figures))
    register_nav(
        NavItem("performance", "exclusions", _("Disputed ranges"), "kpis:exclusions", "flag", 60, reads_figures)
    )
    register_verbs(VERBS)
    register_owner(OWNER, _may_read)
    _register_subjects()
    for key, label in (
        ("shows_band", _("Leads see where they stand")),
        ("lines", _("KPIs")), ("bands", _("Bands")), ("month", _("Month")), ("revision", _("Revision")),
        ("score", _("Score")), ("percent", _("Percent of the invoice")), ("amount", _("Amount")), ("files", _("Files")),
    ):  # fmt: skip
        register_field(key, label)
    register_field("side", _("Side"), Side.choices)


def _register_subjects() -> None:
    register_subject("contract", _("Contract"), _contracts)
    register_subject("exclusion", _("Disputed range"), _exclusions)
    register_subject("result", _("Result of a month"), _results)
    register_subject("statement", _("Statement"), _statements)
    register_subject("invoice", _("Invoice"), _invoices)


def _contracts(ids: Sequence[int]) -> Mapping[int, Named]:
    return {
        one.pk: Named(one.label, reverse("kpis:contract", args=[one.code]))
        for one in Contract.objects.filter(pk__in=ids)
    }


def _exclusions(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Exclusion.objects.filter(pk__in=ids).select_related("site")
    return {
        one.pk: Named(joined(one.site.label, day_text(one.first_day)), reverse("kpis:exclusion", args=[one.pk]))
        for one in rows
    }


def _results(ids: Sequence[int]) -> Mapping[int, Named]:
    return {one.pk: _month(one.site, one.month) for one in Result.objects.filter(pk__in=ids).select_related("site")}


def _statements(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Statement.objects.filter(pk__in=ids).select_related("result__site")
    return {one.pk: _month(one.result.site, one.result.month) for one in rows}


def _invoices(ids: Sequence[int]) -> Mapping[int, Named]:
    return {one.pk: _month(one.site, one.month) for one in Invoice.objects.filter(pk__in=ids).select_related("site")}


def _month(site: "Site", month: date) -> Named:
    url = reverse("kpis:result", args=[site.code, month])
    return Named(joined(site.label, month_text(month)), url)


def _may_read(actor: "Actor", file: "StoredFile") -> bool:
    """Whoever sees the disputed range reads its evidence."""
    return file.owner_id.isdigit() and agreements.exclusions_visible_to(actor).filter(pk=int(file.owner_id)).exists()
