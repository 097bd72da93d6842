"""Raising cases and adding entries."""

import json

from django.http import HttpResponse
from django.utils.translation import gettext as _

from escalations import actions
from escalations.choices import Direction, Outcome, Reason
from escalations.forms.work import OUTCOMES
from escalations.queries import codes, opening
from escalations.queries.likeness import possible_duplicates
from escalations.rules import case_number
from escalations.views.common import reason_text
from portal.accounts.rules import Actor
from portal.api.http import Made

from .refusing import told, unfit
from .shapes import CaseIn, ContactIn, NoteIn


def raise_case(actor: Actor, asked: CaseIn) -> Made:
    """Raise it; codes become ids of what the actor knows. Raises ProblemError."""
    if bool(asked.impact) != bool(asked.urgency):
        raise unfit("urgency" if asked.impact else "impact", "together", _("Give impact and urgency together."))
    if asked.severity is not None and not actor.can("work_case"):
        raise unfit("severity", Reason.NOT_YOUR_ROLE.value, reason_text(Reason.NOT_YOUR_ROLE))
    with told():
        named = _named(actor, asked)
        case = actions.open_case(
            actor=actor,
            service_id=named.service,
            site_id=named.site,
            issue_type_id=named.issue,
            asked=named.opening,
            subject=" ".join(asked.subject.split()),
            description=asked.description,
            channel=asked.channel,
            customer_ref=asked.customer_ref,
            contact_hint=asked.contact_hint,
            impact=asked.impact or "",
            urgency=asked.urgency or "",
            signals=list(dict.fromkeys(asked.signals)),
            severity_override=asked.severity,
            override_reason=asked.severity_reason,
            sensitivity=asked.sensitivity,
        )
    href = f"/api/v1/cases/{case.ref}"
    return Made({"ref": case.ref, "severity": case.severity, "opened_at": case.opened_at.isoformat(), "href": href})


def with_duplicates(actor: Actor, asked: CaseIn, response: HttpResponse) -> HttpResponse:
    """The answer with what the case may be the same as, as the actor sees it now: not of what is kept for the key."""
    body = json.loads(response.content)
    hints = possible_duplicates(
        actor, customer_ref=asked.customer_ref, subject=asked.subject, but=[case_number(body["ref"]) or 0]
    )
    body["possible_duplicates"] = [hint.case.ref for hint in hints]
    response.content = json.dumps(body).encode()
    return response


def _named(actor: Actor, asked: CaseIn) -> opening.Named:
    """What the codes name, of what the form would offer this person. Raises Refused."""
    impact, urgency = str(asked.impact or ""), str(asked.urgency or "")
    found = codes.raisable(actor, asked.service, asked.site, asked.issue_type, impact, urgency)
    if not found.service:
        raise actions.Refused(Reason.UNKNOWN_SERVICE)
    if found.site is None and asked.site is not None:
        raise actions.Refused(Reason.UNKNOWN_SITE)
    if found.issue is None and asked.issue_type is not None:
        raise actions.Refused(Reason.UNKNOWN_ISSUE)
    return found


def add_entry(actor: Actor, ref: str, asked: NoteIn | ContactIn) -> Made:
    """Add it. Raises ProblemError, Http404."""
    with told():
        if isinstance(asked, NoteIn):
            entry = actions.add_note(actor=actor, ref=ref, text=asked.text, shared=asked.shared)
        else:
            _fits(asked)
            entry = actions.log_contact(
                actor=actor, ref=ref, channel=asked.channel, direction=asked.direction, outcome=asked.outcome,
                text=asked.text, at=asked.at, duties=list(dict.fromkeys(asked.duties)),
            )  # fmt: skip
    return Made({"id": entry.pk, "ref": f"EC-{entry.case_id}", "at": entry.at.isoformat()})


def _fits(asked: ContactIn) -> None:
    if asked.outcome not in OUTCOMES[Direction(asked.direction)]:
        raise unfit("outcome", "outcome_unfit", _("Choose an outcome that fits the direction."))
    if asked.duties and (asked.direction != Direction.OUTBOUND or asked.outcome == Outcome.NO_ANSWER):
        raise unfit("duties", "not_reached", _("Only what reached the customer can be an answer by law."))
