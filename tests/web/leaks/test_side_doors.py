"""What is written by another address, or names somebody or something elsewhere."""

import pytest
from django.db import transaction
from django.http import HttpRequest

from escalations import actions
from escalations.choices import Impact, Urgency
from escalations.models import Case, CaseGrant, TimelineEntry
from escalations.views.undoing import undo_url_for
from portal.accounts.queries import actor_for
from sla.models import Clock
from tests.web.hidden import Secrets
from tests.web.leaks.seeing import same, state_of_everything
from tests.web.world import ANONYMOUS

pytestmark = pytest.mark.django_db


def test_an_owner_service_or_site_from_elsewhere_is_no_choice(found: Secrets) -> None:
    world, case = found.made.world, found.cases["standard"]
    before = state_of_everything()
    version = str(Case.objects.get(pk=case.pk).version)
    for other in ("foreign_lead", "foreign_coordinator", "lead", "agent", "auditor", "it", "deactivated", "former"):
        form = {"owner": str(world.users[other].pk), "version": version}
        assert found.clients["coordinator"].post(f"/cases/{case.ref}/assign/", form).status_code == 422, other
    new = {
        "token": "6d0a5b1c-0000-4000-8000-000000000000",
        "subject": "Planted",
        "description": "Words",
        "service": str(world.service.pk),
        "site": str(world.other_site.pk),
        "channel": "phone",
        "impact": Impact.values[0],
        "urgency": Urgency.values[0],
    }
    for who in ("coordinator", "manager", "lead", "agent", "stand_in"):
        assert found.clients[who].post("/cases/new/", new).status_code == 422, who
    elsewhere = {**new, "service": str(world.other_service.pk), "site": ""}
    assert found.clients["associate"].post("/cases/new/", elsewhere).status_code == 422
    assert state_of_everything() == before


def test_partner_users_cannot_raise_a_sensitive_or_overridden_case(found: Secrets) -> None:
    world = found.made.world
    for who in ("lead", "agent"):
        form = {
            "token": "6d0a5b1c-0000-4000-8000-00000000000" + str(len(who)),
            "subject": f"By {who}",
            "description": "Words",
            "service": str(world.service.pk),
            "site": str(world.site.pk),
            "channel": "phone",
            "impact": Impact.values[0],
            "urgency": Urgency.values[0],
            "sensitivity": "restricted",
            "override": "4",
            "override_reason": "Because",
        }
        assert found.clients[who].post("/cases/new/", form).status_code == 302
        made = Case.objects.get(subject=f"By {who}")
        assert (made.sensitivity, made.severity_overridden) == ("standard", False)


def test_an_undo_belongs_to_one_person(found: Secrets) -> None:
    world, case = found.made.world, found.cases["standard"]
    done = actions.assign(actor=world.actor("coordinator"), ref=case.pk, owner_id=world.users["associate"].pk)

    request = HttpRequest()
    vars(request)["actor"] = actor_for(world.users["coordinator"])
    url = undo_url_for(request, done.undo)
    assert url is not None
    before = state_of_everything()
    for who in set(found.people) - {"coordinator"}:
        assert found.clients[who].post(url).status_code in (302, 404), who
    forged = url[:-3] + ("aaa" if not url.endswith("aaa") else "bbb")
    assert found.clients["coordinator"].post(forged).status_code == 404
    assert state_of_everything() == before
    # Its own person, once the case is out of their sight.
    with transaction.atomic():
        actions.set_sensitivity(actor=world.actor("service_lead"), ref=case.pk, sensitivity="confidential")
        assert found.clients["coordinator"].post(url).status_code == 404
        transaction.set_rollback(True)
    assert found.clients["coordinator"].post(url).status_code == 302
    assert Case.objects.get(pk=case.pk).owner_id is None


def test_breaking_the_glass_answers_alike_for_all_that_is_not_there(found: Secrets) -> None:
    """A restricted case outside one's scope, one that is not restricted, and none at all."""
    refs = {"restricted": found.cases["restricted"].ref, "others": found.cases["others"].ref, "absent": "EC-987654"}
    before = CaseGrant.objects.count()
    pages_of = {
        key: same(
            found.clients["foreign_coordinator"]
            .post("/break-glass/", {"ref": ref, "reason": "Danger"})
            .content.decode(),
            ref,
        )
        for key, ref in refs.items()
    }
    assert len(set(pages_of.values())) == 1
    assert CaseGrant.objects.count() == before


def test_a_clock_of_a_hidden_case_is_not_there(found: Secrets) -> None:
    for case in found.cases.values():
        for clock in Clock.objects.filter(subject_kind="case", subject_id=case.pk):
            for who in set(found.people) - case.readers - {ANONYMOUS, "deactivated"}:
                assert found.clients[who].get(f"/sla/clocks/{clock.pk}/explain/").status_code == 404, (who, case.key)
                url = f"/cases/{found.cases['foreign'].ref}/clocks/{clock.pk}/acknowledge/"
                assert found.clients[who].post(url).status_code in (403, 404)


def test_an_entry_is_reached_through_its_own_case_only(found: Secrets) -> None:
    entry = TimelineEntry.objects.filter(case=found.cases["confidential"].pk, body__isnull=False).order_by("pk")[0]
    before = state_of_everything()
    for method in ("get", "post"):
        ask = getattr(found.clients["coordinator"], method)
        assert ask(f"/cases/{found.cases['standard'].ref}/entries/{entry.pk}/remove/").status_code == 404
    internal = TimelineEntry.objects.get(case=found.cases["standard"].pk, code="note.added", is_internal=True)
    assert (
        found.clients["lead"].get(f"/cases/{found.cases['standard'].ref}/entries/{internal.pk}/remove/").status_code
        == 404
    )
    assert state_of_everything() == before
