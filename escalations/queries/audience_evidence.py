"""Who hears that an evidence pack was made, or was not: whoever asked for it, while they may ask for one."""

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone

from escalations import rules
from escalations.choices.evidence import PackState
from escalations.models import EvidencePack
from portal.accounts.queries import actors_of
from portal.accounts.rules import Actor
from portal.notifications.registry import Delivery

from .evidence import may_have
from .facts import plain_facts
from .scope import scope_of, visible_to

Payload = Mapping[str, Any]


def packed(payloads: list[Payload]) -> list[Delivery]:
    """Of a pack that stands as the event says; one that is ready only to whoever may have it now."""
    rows = EvidencePack.objects.filter(pk__in={p["pack"] for p in payloads}).select_related("case")
    packs = {one.pk: one for one in rows.defer("case__search")}
    actors = actors_of({one.asked_by_id for one in packs.values()}, timezone.now())
    found = []
    for payload in payloads:
        pack = packs.get(payload["pack"])
        actor = actors.get(pack.asked_by_id) if pack else None
        if pack and actor and pack.state == payload["state"] and _hears(actor, pack):
            url = reverse("escalations:case-evidence", args=[pack.case.ref])
            found.append(Delivery(pack.asked_by_id, pack.pk, url, {"ref": pack.case.ref, "state": pack.state}))
    return found


def _hears(actor: Actor, pack: EvidencePack) -> bool:
    return may_have(actor, pack) if pack.state == PackState.READY else pack.pk in packs_seen(actor, [pack.pk])


def packs_seen(actor: Actor, pack_ids: Collection[int]) -> set[int]:
    """Of these packs those that the actor asked for, of a case of which they may ask for one still."""
    asked = EvidencePack.objects.filter(pk__in=pack_ids, asked_by=actor.user_id or 0)
    of_case = dict(asked.values_list("pk", "case_id"))
    if not of_case:
        return set()
    scope = scope_of(actor)
    rows = visible_to(actor, scope=scope).filter(pk__in=of_case.values()).select_related("site").defer("search")
    facts = {one.pk: plain_facts(one, granted=True, let_in=one.pk in scope.let_in) for one in rows}  # it is in sight
    may = {pk for pk, one in facts.items() if rules.can_see_internal(actor, one).ok and rules.can_pack(actor, one).ok}
    return {pk for pk, case in of_case.items() if case in may}
