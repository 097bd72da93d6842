"""What the audit trail says of cases, services and issue types: words for its codes."""

from collections.abc import Mapping, Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from escalations import queries
from escalations.choices import (
    Channel,
    Direction,
    Impact,
    Metric,
    Outcome,
    Reject,
    Sensitivity,
    Severity,
    Signal,
    State,
    Urgency,
)
from escalations.choices.briefs import BriefLevel
from escalations.choices.facts import CardKey, FactKey, FactSource
from escalations.choices.links import LinkKind
from escalations.choices.statutory import DayUnit, Duty
from escalations.models import Playbook
from escalations.queries.statutory import jurisdictions
from portal.accounts.rules import SYSTEM
from portal.audit.registry import (
    Named,
    register_alias,
    register_field,
    register_subject,
    register_unshown,
    register_verbs,
)

_SEVERITIES = tuple((str(value), label) for value, label in Severity.choices)
_YES_NO = (("True", _("yes")), ("False", _("no")))
_DETAILS = (
    ("subject", _("Subject")),
    ("customer_ref", _("Customer reference")),
    ("contact_hint", _("How to be in touch")),
    ("issue_type_id", _("Issue type")),
)


VERBS = {
    "case.triage": _("Triaged a case"),
    "case.start": _("Started work on a case"),
    "case.wait_customer": _("Set a case to wait on the customer"),
    "case.wait_third_party": _("Set a case to wait on a third party"),
    "case.resume": _("Resumed work on a case"),
    "case.resolve": _("Resolved a case"),
    "case.close": _("Closed a case"),
    "case.reopen": _("Reopened a case"),
    "case.reject": _("Rejected a case"),
    "case.opened": _("Opened a case"),
    "case.imported": _("Imported a case"),
    "case.imported_again": _("Imported a case anew"),
    "case.viewed": _("Looked at a sensitive case"),
    "case.assigned": _("Assigned a case"),
    "case.shift_watched": _("Let somebody watch a case at the end of a shift"),
    "case.feedback_given": _("Gave a colleague feedback on a case"),
    "case.feedback_changed": _("Changed feedback on a case"),
    "case.feedback_answered": _("Answered feedback on a case"),
    "workload.set": _("Set working hours and what somebody takes"),
    "case.severity_changed": _("Changed the severity"),
    "case.sensitivity_changed": _("Changed the sensitivity"),
    "case.handover_offered": _("Offered a hand-over of a case"),
    "case.handover_accepted": _("Accepted a hand-over of a case"),
    "case.handover_declined": _("Declined a hand-over of a case"),
    "case.handover_taken_back": _("Took the offer of a case back"),
    "case.consult_asked": _("Asked a colleague about a case"),
    "case.consult_answered": _("Answered a question about a case"),
    "case.consult_withdrawn": _("Withdrew a question about a case"),
    "case.consult_over": _("Ended a question about a case with its move to another service"),
    "case.service_changed": _("Handed a case over to a service"),
    "case.details_changed": _("Changed details of a case"),
    "case.noted": _("Wrote a note"),
    "case.contact_logged": _("Logged a contact"),
    "case.fact_recorded": _("Recorded a known fact"),
    "case.fact_corrected": _("Corrected a known fact"),
    "case.fact_withdrawn": _("Marked a fact as no longer true"),
    "case.entry_redacted": _("Removed the words of an entry"),
    "case.watched": _("Watches a case"),
    "case.unwatched": _("No longer watches a case"),
    "case.escalated": _("Escalated a case"),
    "case.clock_acknowledged": _("Acknowledged a breach"),
    "case.merged": _("Merged a case into another one"),
    "case.took_in": _("Took in a merged case"),
    "case.linked": _("Linked a case to another one"),
    "case.unlinked": _("Removed a link of a case"),
    "case.told_apart": _("Said that a case is not the same as another one"),
    "case.split": _("Split a case"),
    "case.grant_given": _("Granted access to a case"),
    "case.grant_revoked": _("Ended access to a case"),
    "case.grant_ended": _("Lifted the restriction that access was given for"),
    "case.grant_break_glass": _("Broke the glass"),
    "case.break_glass_reviewed": _("Reviewed a break-glass"),
    "case.playbook_followed": _("Took up a playbook for a case"),
    "case.playbook_left": _("Left the playbook of a case"),
    "case.step_done": _("Did a step of a playbook"),
    "case.step_undone": _("Opened a step of a playbook again"),
    "case.step_skipped": _("Skipped a step of a playbook"),
    "playbook.added": _("Added a playbook"),
    "playbook.changed": _("Changed what a playbook is for"),
    "playbook.archived": _("Archived a playbook"),
    "playbook.restored": _("Restored a playbook"),
    "playbook.drafted": _("Began a version of a playbook"),
    "playbook.edited": _("Edited the draft of a playbook"),
    "playbook.published": _("Published a version of a playbook"),
    "case.macro_run": _("Ran a macro on a case"),
    "case.brief_made": _("Wrote a brief of a case"),
    "case.brief_given": _("Gave a copy of a brief"),
    "macro.added": _("Added a macro"),
    "macro.changed": _("Changed a macro"),
    "macro.archived": _("Archived a macro"),
    "macro.restored": _("Restored a macro"),
    "template.added": _("Added a reply template"),
    "template.changed": _("Changed a reply template"),
    "template.archived": _("Archived a reply template"),
    "template.restored": _("Restored a reply template"),
    "case.evidence_asked": _("Asked for an evidence pack"),
    "case.evidence_made": _("Made an evidence pack"),
    "case.evidence_had": _("Downloaded an evidence pack"),
    "case.regulated": _("Marked a case as a regulated complaint"),
    "case.regulation_lifted": _("Took the mark of a regulated complaint away"),
    "case.answered_by_law": _("Recorded an answer by law"),
    "case.owed_again_by_law": _("An answer by law did not arrive and is owed again"),
    "jurisdiction.added": _("Added a jurisdiction"),
    "jurisdiction.changed": _("Changed a jurisdiction"),
    "jurisdiction.archived": _("Archived a jurisdiction"),
    "jurisdiction.restored": _("Restored a jurisdiction"),
    "jurisdiction.term_set": _("Set a term of law"),
    "jurisdiction.term_ended": _("Ended a term of law"),
    "service.added": _("Added a service"),
    "service.changed": _("Changed a service"),
    "service.archived": _("Archived a service"),
    "service.restored": _("Restored a service"),
    "service.matrix_changed": _("Changed a severity matrix"),
    "issue_type.added": _("Added an issue type"),
    "issue_type.renamed": _("Renamed an issue type"),
    "issue_type.archived": _("Archived an issue type"),
    "issue_type.restored": _("Restored an issue type"),
}


def register() -> None:
    """Make the words known. A case is named by its reference alone, without a link: not every reader may see every case."""
    register_verbs(VERBS)
    register_subject("case", _("Case"), _cases)
    register_subject("service", _("Service"), _services)
    register_subject("jurisdiction", _("Jurisdiction"), _jurisdictions)
    register_subject("macro", _("Macro"), _macros)
    register_subject("template", _("Reply template"), _templates)
    register_subject("playbook", _("Playbook"), _playbooks)
    _register_fields()
    _register_briefs()
    _register_law()


def _register_law() -> None:
    register_field("jurisdiction", _("Jurisdiction"), subject="jurisdiction")
    register_field("pack", _("Evidence pack"))
    register_field("manifest", _("SHA-256 of manifest.json"))
    register_field("received", _("Received"))
    register_field("duties", _("Answers by law"), Duty.choices)
    register_field("duty", _("Answer by law"), Duty.choices)
    register_field("term", _("Term"))
    register_field("amount", _("Days"))
    register_field("unit", _("Days that count"), DayUnit.choices)


def _register_fields() -> None:
    register_field("user", _("User"), subject="user")
    register_field("shifts", _("Working days"))
    register_field("cap", _("At most at once"))
    register_field("languages", _("Languages"))
    register_field("gives_cases", _("Gives cases by itself"))
    for key, label in (("into", _("Merged into")), ("merged", _("Merged case")), ("other", _("Other case"))):
        register_field(key, label, subject="case")
    register_field("link", _("Link"), LinkKind.choices)
    register_field("impact", _("Impact"), Impact.choices)
    register_field("urgency", _("Urgency"), Urgency.choices)
    register_field("signals", _("Signals"), Signal.choices)
    register_field("sensitivity", _("Sensitivity"), Sensitivity.choices)
    register_field("channel", _("Channel"), Channel.choices)
    register_field("direction", _("Direction"), Direction.choices)
    register_field("outcome", _("Outcome"), Outcome.choices)
    register_field("reject_reason", _("If rejected, why"), Reject.choices)
    register_field("from", _("From"), [*State.choices, *Sensitivity.choices])
    register_field("to", _("To"), [*State.choices, *Sensitivity.choices])
    register_field("site", _("Site"), subject="site")
    register_field("service", _("Service"), subject="service")
    register_field("calendar", _("Business calendar"), subject="calendar")
    register_field("severity", _("Severity"), _SEVERITIES)
    register_field("metric", _("Clock"), [*Metric.choices, *Duty.choices])
    register_field("level", _("Level"))
    register_field("cycle", _("Round"))
    register_field("minutes", _("Minutes"))
    register_field("shared", _("Shared with the partner"), _YES_NO)
    register_field("overridden", _("Set by hand"), _YES_NO)
    register_field("upheld", _("Justified"), _YES_NO)
    register_field("auto", _("By itself"), _YES_NO)
    register_field("macro", _("Macro"), subject="macro")
    register_field("template_version", _("Version"))
    register_field("fields", _("Fields"), _DETAILS)
    register_field("playbook", _("Playbook"), subject="playbook")
    register_field("playbook_version", _("Version"))
    register_field("step", _("Step"))
    for verb in ("recorded", "corrected", "withdrawn"):
        register_alias(f"case.fact_{verb}", "key", "fact_key")
        register_alias(f"case.fact_{verb}", "source", "fact_source")
    register_field("fact_key", _("About"), [*CardKey.choices, *FactKey.choices, ("", "–")])
    register_field("fact_source", _("How we know"), FactSource.choices)
    for impact in Impact:
        for urgency in Urgency:
            label = format_lazy("{} × {}", impact.label, urgency.label)
            register_field(f"{impact.value}/{urgency.value}", label, _SEVERITIES)
    register_unshown("verb", "entry", "clock", "parent", "feedback")
    _register_from_to()


def _register_from_to() -> None:
    """What a case went from and to is an id or a number where it is not a word."""
    sides = (("from", _("From")), ("to", _("To")))
    for key, label in sides:
        register_field(f"{key}_user", label, [("None", _("nobody"))], "user")
        register_field(f"{key}_service", label, subject="service")
        register_field(f"{key}_severity", label, _SEVERITIES)
        for verb, what in {"assigned": "user", "service_changed": "service", "severity_changed": "severity"}.items():
            register_alias(f"case.{verb}", key, f"{key}_{what}")


def _register_briefs() -> None:
    register_field("brief", _("Brief"))
    for verb in ("made", "given"):
        register_alias(f"case.brief_{verb}", "level", "brief_level")
    register_field("brief_level", _("Level"), BriefLevel.choices)


def _cases(ids: Sequence[int]) -> Mapping[int, Named]:
    return {pk: Named(f"EC-{pk}") for pk in ids}


def _services(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = queries.services_visible_to(SYSTEM).filter(pk__in=ids)
    return {row.pk: Named(row.label) for row in rows}


def _playbooks(ids: Sequence[int]) -> Mapping[int, Named]:
    return {row.pk: Named(row.label) for row in Playbook.objects.filter(pk__in=ids)}


def _templates(ids: Sequence[int]) -> Mapping[int, Named]:
    return {row.pk: Named(row.label) for row in queries.templates_shown_to(SYSTEM).filter(pk__in=ids)}


def _jurisdictions(ids: Sequence[int]) -> Mapping[int, Named]:
    return {one.pk: Named(one.label) for one in jurisdictions().filter(pk__in=ids)}


def _macros(ids: Sequence[int]) -> Mapping[int, Named]:
    return {row.pk: Named(row.label) for row in queries.macros_shown_to(SYSTEM).filter(pk__in=ids)}
