"""A person's access as proof."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.requests import actor_of
from portal.audit.actions import record
from portal.audit.wording import joined, labelled, statements
from portal.ui.exports import csv_response
from portal.ui.times import in_zone

from .. import access
from ..choices import Proof as How
from ..choices import Verdict
from ..models import Decision, GrantReason
from ..queries import certificate as reading
from ..queries.certificate import Proof, Step
from ..queries.matrix import holders_visible_to
from ..wording.matrix import POLICIES
from .matrix import grant_state, reason_text
from .readiness import reads

if TYPE_CHECKING:
    from portal.accounts.models import User


def when(at: datetime) -> str:
    """An instant as proof has it: the year and the offset always with it, since it is read years later and elsewhere."""
    return f"{in_zone(at):%Y-%m-%d %H:%M %:z}"


@require_safe
@reads
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Who approved, when, why, verified how, for everything that a person holds or held."""
    person = access.one(holders_visible_to(actor_of(request)), False, pk=pk)
    proofs = [_lines(one) for one in reading.proofs_of(pk)]
    context = {
        "person": person, "now": timezone.now(), "held": [one for one in proofs if one["proof"].is_live],
        "past": [one for one in proofs if not one["proof"].is_live],
    }  # fmt: skip
    return render(request, "access_requests/certificate.html", context)


@require_POST
@reads
def certificate_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same as CSV, a line per grant. Who took it away is written down."""
    actor = actor_of(request)
    person = access.one(holders_visible_to(actor), False, pk=pk)
    record(actor=actor, verb="access_certificate.exported", subject_type="person", subject_id=person.pk, changes={})
    head = [
        _("Person"), _("System"), _("Entitlement"), _("State"), _("Why"), _("Asked"), _("Approved"), _("Done"),
        _("Verified"), _("Ended"),
    ]  # fmt: skip
    return csv_response("certificate.csv", head, _rows(person.name, pk))


def _rows(name: str, pk: int) -> Iterator[list[object]]:
    for one in [_lines(proof) for proof in reading.proofs_of(pk)]:
        entitlement = one["proof"].grant.entitlement
        texts = [statements(one[key]) for key in ("why", "asked", "approved", "done", "verified", "ended")]
        yield [name, entitlement.system.label, entitlement.label, one["state"], *texts]


def _lines(proof: Proof) -> dict[str, Any]:
    """A grant in sentences."""
    return {
        "proof": proof,
        "state": grant_state(proof.grant) if proof.is_live else _("Ended"),
        "why": [_reason(one) for one in proof.reasons],
        "asked": [_asked(one) for one in proof.brought],
        "approved": [_decision(one) for step in proof.brought for one in step.decisions],
        "done": [text for step in proof.brought if (text := _done(step))],
        "verified": [text for step in proof.brought if (text := _verified(step))],
        "ended": _ended(proof),
    }


def _reason(one: GrantReason) -> str:
    begin, end = when(one.starts_at), one.ended_at or one.ends_at
    held = f"{begin} – {when(end)}" if end else _("since %(begin)s") % {"begin": begin}
    excused = one.sod_exception
    return joined(
        reason_text(one), held, labelled(excused.approved_by.name, excused.reason) if excused is not None else ""
    )


def _asked(step: Step) -> str:
    request = step.item.request
    who = _who(request.requested_by, request.on_behalf_of) or _("The portal")
    return _with_words(joined(request.ref, who, when(request.submitted_at or request.created_at)), request.reason)


def _decision(one: Decision) -> str:
    who = _who(one.decided_by, one.principal) or str(POLICIES.get(one.policy, one.policy))
    return _with_words(joined(Verdict(one.verdict).label, who, when(one.decided_at)), one.comment)


def _with_words(text: str, words: str) -> str:
    """With what somebody wrote to it, if they wrote something."""
    return labelled(text, words) if words else text


def _done(step: Step) -> str:
    if step.item.claimed_at is None:
        return ""
    who = _who(step.item.claimed_by, step.item.claimed_for) or _("The system itself")
    return joined(who, when(step.item.claimed_at), step.item.ticket)


def _verified(step: Step) -> str:
    if step.item.verified_at is None:
        return ""
    how = str(How(step.item.verified_how).label)
    who = _who(step.item.verified_by, step.item.verified_for)
    return joined(how, who, when(step.item.verified_at))


def _who(user: "User | None", principal: "User | None") -> str:
    """Somebody, and for whom they stood in; nothing for the system."""
    if user is None or principal is None:
        return user.name if user else ""
    return _("%(name)s for %(principal)s") % {"name": user.name, "principal": principal.name}


def _ended(proof: Proof) -> list[str]:
    if proof.grant.ended_at is None:
        return []
    lines = [when(proof.grant.ended_at)]
    if proof.ended is not None:
        lines += [_asked(proof.ended), *(_decision(one) for one in proof.ended.decisions)]
        lines += [text for text in (_done(proof.ended), _verified(proof.ended)) if text]
    return lines
