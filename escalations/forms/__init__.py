"""The input boundary: what people type, checked before any action sees it."""

from escalations.forms.config import IssueTypeForm, MatrixForm, RenameIssueTypeForm, ServiceForm, VersionForm
from escalations.forms.facts import CardForm, CorrectFactForm, FactForm, WithdrawFactForm
from escalations.forms.macros import MacroForm, RunMacroForm
from escalations.forms.merging import MergeForm
from escalations.forms.new import NewCaseForm
from escalations.forms.queue import Asked, FilterForm, filter_initial, issue_groups, parse_filters, picked
from escalations.forms.replies import TemplateFields, TemplateForm
from escalations.forms.sensitive import (
    BreakGlassForm,
    GrantForm,
    RedactForm,
    ReviewForm,
    RevokeForm,
    SensitivityForm,
)
from escalations.forms.steps import StepForm
from escalations.forms.work import (
    AssignForm,
    ContactForm,
    DetailsForm,
    EscalateForm,
    NoteForm,
    ServiceChangeForm,
    SeverityForm,
    StateForm,
)

__all__ = [
    "Asked",
    "AssignForm",
    "BreakGlassForm",
    "CardForm",
    "ContactForm",
    "CorrectFactForm",
    "DetailsForm",
    "EscalateForm",
    "FactForm",
    "FilterForm",
    "GrantForm",
    "IssueTypeForm",
    "MacroForm",
    "MatrixForm",
    "MergeForm",
    "NewCaseForm",
    "NoteForm",
    "RedactForm",
    "RenameIssueTypeForm",
    "ReviewForm",
    "RevokeForm",
    "RunMacroForm",
    "SensitivityForm",
    "ServiceChangeForm",
    "ServiceForm",
    "SeverityForm",
    "StateForm",
    "StepForm",
    "TemplateFields",
    "TemplateForm",
    "VersionForm",
    "WithdrawFactForm",
    "filter_initial",
    "issue_groups",
    "parse_filters",
    "picked",
]
