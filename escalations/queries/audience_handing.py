"""Who hears of offers and questions: whom they are for, and whoever made them, as far as they see the case at that moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils import timezone

from escalations.choices import Sensitivity, Severity
from escalations.choices.handing import ConsultState, OfferState
from escalations.models import Case, Consult, Handover
from portal.accounts.queries import actors_of
from portal.accounts.rules import Actor
from portal.notifications.registry import Delivery

from .letting_in import may_hold_grants
from .people import members_by_service, seeing_pairs
from .scope import visible_inside

Payload = Mapping[str, Any]
Wanted = tuple[Payload, int, str]  # an event, somebody who would hear of it, and where it leads


def offered(payloads: list[Payload]) -> list[Delivery]:
    """The person, or the members of the service, while the offer stands; not whoever made it."""
    rows = Handover.objects.filter(pk__in={p["handover"] for p in payloads}, state=OfferState.OFFERED)
    offers = {one.pk: one for one in rows}
    services = {one.to_service_id for one in offers.values() if one.to_service_id}
    members = members_by_service(services, leads_only=False, at=timezone.now())
    wanted = []
    for payload in payloads:
        if offer := offers.get(payload["handover"]):
            people = {offer.to_user_id} if offer.to_user_id else members.get(offer.to_service_id or 0, set())
            url = reverse("escalations:handover", args=[offer.pk])
            wanted += [(payload, user, url) for user in sorted(people) if user and user != offer.given_by_id]
    return _seen(wanted)


def settled(payloads: list[Payload]) -> list[Delivery]:
    """Whoever offered the case, also if it is out of their sight now with the service that took it; of a sensitive one, that
    they see no more, they hear nothing."""
    found = _seen((p, p["user"], _case_url(p)) for p in payloads)
    told = {(one.recipient_id, one.subject_id) for one in found}
    cases = _standard({p["case"] for p in payloads})
    url = reverse("escalations:handovers")
    rest = [p for p in payloads if (p["user"], p["case"]) not in told and p["case"] in cases]
    away = [Delivery(p["user"], p["case"], url, _params(p, f"EC-{p['case']}")) for p in rest]
    return found + away


def around(payloads: list[Payload]) -> list[Delivery]:
    """The person whom the event names."""
    return _seen((p, p["user"], _case_url(p)) for p in payloads)


def consulted(payloads: list[Payload]) -> list[Delivery]:
    """The same, to the question itself, while it is open."""
    rows = Consult.objects.filter(pk__in={p["consult"] for p in payloads}, state=ConsultState.OPEN)
    standing = set(rows.values_list("pk", flat=True))
    waiting = (p for p in payloads if p["consult"] in standing)
    return _seen((p, p["user"], reverse("escalations:consult", args=[p["consult"]])) for p in waiting)


def withdrawn(payloads: list[Payload]) -> list[Delivery]:
    """Whoever was asked and works cases still, each about their question: by its case if they see that, else without a word of
    it, since the question alone may have opened it."""
    named = {(one.recipient_id, one.subject_id): one for one in around(payloads)}
    people = actors_of({p["user"] for p in payloads}, timezone.now())
    working = {pk for pk, person in people.items() if may_hold_grants(person)}
    url = reverse("escalations:consults")
    return [
        replace(named.get((p["user"], p["case"]), Delivery(p["user"], p["case"], url)), subject_id=p["consult"])
        for p in payloads
        if p["user"] in working
    ]


def told_of_withdrawal(actor: Actor, consult_ids: Iterable[int]) -> dict[int, bool]:
    """Of these questions those that the actor was asked, and of each whether they see its case inside. Queries as
    `visible_inside` and one."""
    rows = Consult.objects.filter(pk__in=set(consult_ids), to_user=actor.user_id or 0)
    asked = dict(rows.values_list("pk", "case_id"))
    seen = set(visible_inside(actor).filter(pk__in=asked.values()).values_list("pk", flat=True)) if asked else set()
    return {pk: case in seen for pk, case in asked.items()}


def given_by(actor: Actor, case_ids: Iterable[int]) -> set[int]:
    """Of these cases those standard ones of which the actor offered a hand-over that was answered."""
    rows = Handover.objects.filter(case__in=case_ids, given_by=actor.user_id or 0, case__sensitivity="standard")
    answered = rows.filter(state__in=(OfferState.ACCEPTED, OfferState.DECLINED))
    return set(answered.values_list("case_id", flat=True))


def _standard(ids: set[int]) -> set[int]:
    rows = Case.objects.filter(pk__in=ids, sensitivity=Sensitivity.STANDARD)
    return set(rows.values_list("pk", flat=True))


def _case_url(payload: Payload) -> str:
    return reverse("escalations:case", args=[f"EC-{payload['case']}"])


def _seen(wanted: Iterable[Wanted]) -> list[Delivery]:
    """To those who see what is internal of the case now. S1 is urgent."""
    asked: Sequence[Wanted] = list(wanted)
    allowed, cases = seeing_pairs({(user, p["case"]) for p, user, _url in asked}, timezone.now(), inside=True)
    return [
        Delivery(user, p["case"], url, _params(p, cases[p["case"]].ref), cases[p["case"]].severity == Severity.S1)
        for p, user, url in asked
        if (user, p["case"]) in allowed
    ]


def _params(payload: Payload, ref: str) -> dict[str, Any]:
    return {"ref": ref, **{key: payload[key] for key in ("state", "hours") if key in payload}}
