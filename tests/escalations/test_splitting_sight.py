"""What is split off several restricted cases is seen by those who saw each of them, and whoever splits is told who will not."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations import actions, queries
from escalations.models import Case, TimelineEntry
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from tests.escalations.pages_world import World, world
from tests.factories.escalations import hold, person

pytestmark = pytest.mark.django_db
LEAD = "service_lead"


@pytest.fixture
def here(db: None) -> World:
    return world()


def member(here: World, name: str) -> User:
    made = person("associate", service=here.service)
    User.objects.filter(pk=made.pk).update(name=name)
    return made


def actor(user: User) -> Actor:
    return actor_for(user)


@pytest.fixture
def people(here: World) -> dict[str, User]:
    """Ann is let into both cases, Bea and Cyd into one each, Dan into one in an emergency, Eve into both until Friday."""
    return {name: member(here, name) for name in ("Ann", "Bea", "Cyd", "Dan", "Eve")}


@pytest.fixture
def two(here: World, people: dict[str, User]) -> tuple[Case, Case]:
    """Two restricted cases, the second merged into the first, and the messages of both in one stream."""
    kept, merged = here.case("Safety"), here.case("Press")
    for one in (kept, merged):
        actions.add_note(actor=SYSTEM, ref=one.pk, text=f"Words of {one.subject}", shared=False)
        actions.set_sensitivity(actor=here.actor(LEAD), ref=one.pk, sensitivity="restricted")
        hold(one, actor(people["Ann"]))
        hold(one, actor(people["Eve"]), expires_at=FRIDAY if one is kept else None)
    hold(kept, actor(people["Bea"]))
    hold(merged, actor(people["Cyd"]))
    actions.merge(actor=here.actor(LEAD), source=merged.pk, target=kept.pk, reason="One matter")
    actions.break_glass(actor=actor(people["Dan"]), ref=kept.pk, reason="Safety tonight")
    kept.refresh_from_db()
    merged.refresh_from_db()
    return kept, merged


FRIDAY = timezone.now() + timedelta(days=3)


def note(case: Case) -> TimelineEntry:
    return case.entries.get(code="note.added")


def url_of(case: Case) -> str:
    return f"/cases/{case.ref}/entries/{note(case).pk}/split/"


def form(here: World, case: Case, *chosen: Case) -> dict[str, Any]:
    html = here.client(LEAD).get(url_of(case)).content.decode()
    values = {name: html.split(f'name="{name}" value="', 1)[1].split('"', 1)[0] for name in ("token", "version")}
    entries = [note(one).pk for one in chosen]
    return {
        **values,
        "subject": "Noise",
        "service": here.service.pk,
        "impact": "minor",
        "urgency": "week",
        "entries": entries,
    }


def losing(here: World, case: Case, *chosen: Case) -> list[str]:
    entries = [note(one).pk for one in chosen]
    found = actions.losing_sight(actor=here.actor(LEAD), case=case, entry_ids=entries)
    return [name for name in found.values() if len(name) == 3]


def test_only_who_was_let_into_each_sees_it_until_the_first_end(
    here: World, people: dict[str, User], two: tuple[Case, Case]
) -> None:
    part = actions.Part("Noise", here.service.pk, impact="minor", urgency="week")
    entries = [note(one).pk for one in two]
    made = actions.split(actor=here.actor(LEAD), ref=two[0].pk, entry_ids=entries, part=part)
    held = dict(made.grants.values_list("user__name", "expires_at"))
    assert held == {"Ann": None, "Eve": FRIDAY, here.users[LEAD].name: None}
    seeing = {name for name, user in people.items() if queries.visible_to(actor(user)).filter(pk=made.pk).exists()}
    assert seeing == {"Ann", "Eve"}
    assert losing(here, *two[:1], *two) == ["Bea", "Cyd", "Dan"], "as was said before"


def test_who_loses_sight_hangs_on_what_goes_along(here: World, people: dict[str, User], two: tuple[Case, Case]) -> None:
    kept, merged = two
    assert losing(here, kept, kept) == ["Dan"], "an emergency is not carried to what others split off"
    assert losing(here, kept, kept, merged) == losing(here, kept, merged) == ["Bea", "Cyd", "Dan"]
    plain = here.case("Plain")
    actions.add_note(actor=SYSTEM, ref=plain.pk, text="x", shared=False)
    assert losing(here, plain, plain) == []
    User.objects.filter(pk=people["Bea"].pk).update(is_active=False)
    assert losing(here, kept, kept, merged) == ["Cyd", "Dan"]


def test_the_page_says_who_will_not_see_it_before_anything_is_done(here: World, two: tuple[Case, Case]) -> None:
    kept, merged = two
    client, data = here.client(LEAD), form(here, kept, kept, merged)
    before = Case.objects.count()
    said = client.post(url_of(kept), data)
    text = said.content.decode()
    assert (said.status_code, Case.objects.count()) == (422, before)
    for part in ("not everybody will see the new case", "These will not: Bea, Cyd, Dan.", 'value="Noise"'):
        assert part in text
    told = text.split('name="told" value="', 1)[1].split('"', 1)[0]
    assert client.post(url_of(kept), {**data, "told": told.split()[0]}).status_code == 422, "not of all of them"
    assert client.post(url_of(kept), {**data, "told": "\x00 x 9999999999999999999999"}).status_code == 422
    answers = [client.post(url_of(kept), {**data, "told": told}) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    assert Case.objects.count() == before + 1


def test_where_nobody_loses_sight_nothing_is_asked(here: World) -> None:
    case = here.case("Safety")
    actions.add_note(actor=SYSTEM, ref=case.pk, text="x", shared=False)
    actions.set_sensitivity(actor=here.actor(LEAD), ref=case.pk, sensitivity="restricted")
    assert here.client(LEAD).post(url_of(case), form(here, case, case)).status_code == 302


def test_people_of_a_case_out_of_sight_are_not_named(
    here: World, people: dict[str, User], two: tuple[Case, Case]
) -> None:
    """Of what was split off before, whoever splits it again need not see where it was written first."""
    kept, merged = two
    part = actions.Part("Noise", here.service.pk, impact="minor", urgency="week")
    made = actions.split(actor=here.actor(LEAD), ref=kept.pk, entry_ids=[note(merged).pk], part=part)
    someone = member(here, "Fay")
    hold(made, actor(someone))
    found = actions.losing_sight(actor=actor(someone), case=made, entry_ids=[note(merged).pk])
    assert set(found.values()) <= {"Ann", "Eve", here.users[LEAD].name}, "at most who is named on the page before them"
    assert "Cyd" not in found.values()


def test_whoever_lowers_it_is_told_that_access_ends(here: World) -> None:
    case = here.case("Safety")
    assert "let in anew" not in here.client(LEAD).get(f"/cases/{case.ref}/sensitivity/").content.decode()
    actions.set_sensitivity(actor=here.actor(LEAD), ref=case.pk, sensitivity="restricted")
    assert "they are let in anew" in here.client(LEAD).get(f"/cases/{case.ref}/sensitivity/").content.decode()
