"""Contracts, disputed ranges and results."""

from django.urls import path, register_converter

from ..views import agreement_exports, contracts, exclusions, list_exports, results, terms, trying, trying_export
from ..views.months import MonthConverter

register_converter(MonthConverter, "kpimonth")

_RESULT = "results/<slug:site>/<kpimonth:month>/"
urlpatterns = [
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/export/", list_exports.contracts, name="contracts_export"),
    path("contracts/new/", contracts.contract_new, name="contract_new"),
    path("contracts/<slug:code>/", contracts.contract, name="contract"),
    path("contracts/<slug:code>/edit/", contracts.contract_change, name="contract_change"),
    path("contracts/<slug:code>/cover/", contracts.cover, name="contract_cover"),
    path("contracts/<slug:code>/cover/<int:pk>/end/", contracts.cover_end, name="contract_cover_end"),
    path("contracts/<slug:code>/version/", contracts.version_new, name="contract_version"),
    path("contracts/<slug:code>/v/<int:number>/", terms.version, name="contract_terms"),
    path("contracts/<slug:code>/v/<int:number>/export/", agreement_exports.terms, name="contract_terms_export"),
    path("contracts/<slug:code>/what-if/", trying.what_if, name="what_if"),
    path("contracts/<slug:code>/what-if/export/", trying_export.what_if, name="what_if_export"),
    path("exclusions/", exclusions.exclusions, name="exclusions"),
    path("exclusions/export/", agreement_exports.exclusions, name="exclusions_export"),
    path("exclusions/new/", exclusions.exclusion_new, name="exclusion_new"),
    path("exclusions/<int:pk>/", exclusions.exclusion, name="exclusion"),
    path("exclusions/<int:pk>/decide/", exclusions.decide, name="exclusion_decide"),
    path("exclusions/<int:pk>/withdraw/", exclusions.withdraw, name="exclusion_withdraw"),
    path("exclusions/<int:pk>/evidence/", exclusions.evidence, name="exclusion_evidence"),
    path("results/", results.results, name="results"),
    path("results/export/", agreement_exports.results, name="results_export"),
    path(_RESULT + "export/", agreement_exports.result, name="result_export"),
    path(_RESULT, results.result, name="result"),
    path(_RESULT + "freeze/", results.freeze, name="result_freeze"),
    path(_RESULT + "revise/", results.revise, name="result_revise"),
    path(_RESULT + "invoice/", results.invoice, name="result_invoice"),
    path(_RESULT + "sign/", results.sign, name="result_sign"),
]
