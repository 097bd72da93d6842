"""What cases show on pages of other rooms."""

from collections.abc import Mapping
from typing import Any, cast

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from escalations import queries
from escalations.choices import State
from escalations.models import Case
from escalations.views.common import case_url, sees_cases
from partners.registry import Life, Moment, Span, once
from portal.accounts.rules import Actor

MOST = 8
MOST_OVER_TIME = 60


def cases_raised(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On the page of a person: the latest cases that they raised, as far as the reader sees them. None where there are none."""
    cases = _raised_by(actor, cast(Model, obj))[:MOST]
    if not cases:
        return None
    lines = [(case, case_url(case), State(case.state)) for case in cases]
    return {"lines": lines}


def cases_over_time(actor: Actor, person: Model) -> Life | None:
    """For a person's page: when they raised the latest cases, as far as the reader sees them."""
    cases = [(case, timezone.localtime(case.opened_at).date()) for case in _raised_by(actor, person)]
    spans = [Span(day, day, f"{case.ref} {case.subject}", point=True) for case, day in cases]
    raised = _("Raised %(case)s")
    moments = [Moment(day, raised % {"case": case.ref}, "inbox", case.subject, case_url(case)) for case, day in cases]
    return Life(_("Cases"), 60, spans, moments)


def _raised_by(actor: Actor, person: Model) -> list[Case]:
    """The latest cases that a person raised, as far as the reader sees them; two queries, however often a page asks."""
    if not sees_cases(actor):
        return []
    rows = queries.visible_to(actor).filter(raised_by__person_id=person.pk).defer("search").order_by("-pk")
    return once(person, "cases", actor, lambda: list(rows[:MOST_OVER_TIME]))
