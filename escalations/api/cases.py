"""Routes under /api/v1/cases."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as marked
from ninja import Body, Query, Router

from escalations import access
from escalations.actions import attention
from escalations.models import Case
from portal.accounts.rules import Actor
from portal.api.http import Key, Listed, ProblemError, caller_of, needs, once, only

from . import reading, writing
from .scopes import READ, WRITE
from .shapes import CaseAsked, CaseFilters, CaseFull, CaseIn, CaseMade, Cases, Clocks, Entries, EntryIn, EntryMade

router = Router(tags=[marked("Cases")])


@router.get(
    "", response=Cases, url_name="cases", operation_id="list_cases", summary=marked("List cases"),
    description=marked("Cases that you may see, the newest first."), **needs(READ),
)  # fmt: skip
def list_cases(request: HttpRequest, asked: Query[CaseFilters]) -> dict[str, Any]:
    only(request, CaseFilters)
    return reading.page_of_cases(caller_of(request).actor, asked)


@router.post(
    "", response={201: CaseMade}, url_name="cases", operation_id="create_case", summary=marked("Raise a case"),
    description=marked("As on the page: its clocks start, and whom it concerns is told."), **needs(WRITE),
)  # fmt: skip
def create_case(request: HttpRequest, payload: CaseIn, idempotency_key: Key, asked: Query[CaseAsked]) -> HttpResponse:
    only(request, CaseAsked)
    caller = caller_of(request)
    if asked.possible_duplicates and READ not in caller.token.scopes:
        raise ProblemError(403, "scope_missing")
    response = once(request, idempotency_key, payload, lambda: writing.raise_case(caller.actor, payload))
    return writing.with_duplicates(caller.actor, payload, response) if asked.possible_duplicates else response


@router.get(
    "/{ref}", response=CaseFull, url_name="case", operation_id="read_case", summary=marked("Read a case"),
    description=marked("By its reference. Looking at a confidential or restricted one is recorded."), **needs(READ),
)  # fmt: skip
def read_case(request: HttpRequest, ref: str) -> dict[str, Any]:
    actor = caller_of(request).actor
    return reading.whole(actor, _looked_at(actor, ref))


@router.get(
    "/{ref}/clocks", response=Clocks, url_name="clocks", operation_id="read_clocks", summary=marked("Read clocks"),
    description=marked("What was promised, until when, and whether it was kept."), **needs(READ),
)  # fmt: skip
def read_clocks(request: HttpRequest, ref: str) -> dict[str, Any]:
    actor = caller_of(request).actor
    return reading.clocks_of(actor, _looked_at(actor, ref))


@router.get(
    "/{ref}/entries", response=Entries, url_name="entries", operation_id="list_entries", summary=marked("List entries"),
    description=marked("The case's timeline, the oldest first, as far as you may read it."), by_alias=True, **needs(READ),
)  # fmt: skip
def list_entries(request: HttpRequest, ref: str, asked: Query[Listed]) -> dict[str, Any]:
    only(request, Listed)
    actor = caller_of(request).actor
    return reading.page_of_entries(actor, _looked_at(actor, ref), asked)


@router.post(
    "/{ref}/entries", response={201: EntryMade}, url_name="entries", operation_id="add_entry",
    summary=marked("Add an entry"), **needs(WRITE),
    description=marked("A note, or a contact with the customer: outward it meets the clocks of replies, inward it starts one."),
)  # fmt: skip
def add_entry(
    request: HttpRequest, ref: str, payload: Annotated[EntryIn, Body(...)], idempotency_key: Key
) -> HttpResponse:
    actor = caller_of(request).actor
    return once(request, idempotency_key, payload, lambda: writing.add_entry(actor, ref, payload))


def _looked_at(actor: Actor, ref: str) -> Case:
    """The case, and a line in the trail if not everybody may know of it. Raises Http404."""
    case = access.get_case(actor, ref)
    attention.record_view(actor=actor, case=case)
    return case
