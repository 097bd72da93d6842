"""The search finds no word for whom it is not, and for everybody else it does; nor does it guess one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalations import actions, queries
from escalations.models import CaseGrant, CaseWords, TimelineEntry
from escalations.queries import finding_asked
from escalations.search import page_of_cases
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.ui.registry import SearchAsk
from tests.escalations.pages_world import HTMX
from tests.web.hidden import COMMON, Hidden, Secrets
from tests.web.leaks.seeing import leaks, text_of
from tests.web.world import ANONYMOUS

pytestmark = pytest.mark.django_db

PLACES = ("subject", "body", "customer", "contact", "shared", "internal", "fact", "card", "redacted")
DOORS = ("/search/?q={}", "/search/?kind=cases&state=open&q={}", "/ui/palette/?q={}")


@pytest.fixture(scope="module")
def actors(built: Secrets) -> dict[str, Actor]:
    """Everybody who may sign in."""
    users = built.made.world.users
    return {who: actor_for(users[who]) for who in built.people if who not in (ANONYMOUS, "deactivated")}


def found_by(actor: Actor, text: str) -> set[str]:
    """References of the cases that a text finds, and not what it is like."""
    page = page_of_cases(actor, SearchAsk(text, 20))
    return set() if page.note else {str(hit.url).split("/")[2] for hit in page.hits}


def now(found: Secrets, who: str, text: str) -> set[str]:
    """The same for somebody whose rights have just changed."""
    return found_by(actor_for(found.made.world.users[who]), text)


def may_find(case: Hidden, place: str, who: str) -> bool:
    """From the guide: notes, facts and the card are for those inside; removed words for nobody."""
    if place == "redacted":
        return False
    return who in (case.inside if place in ("internal", "fact", "card") else case.readers)


def test_each_word_is_found_by_whom_it_is_for_and_by_nobody_else(found: Secrets, actors: dict[str, Actor]) -> None:
    wrong = []
    for case in found.cases.values():
        for place in PLACES:
            for who, actor in actors.items():
                wanted = {case.ref} if may_find(case, place, who) else set()
                if found_by(actor, case.word(place)) != wanted:
                    wrong.append((who, case.key, place))
    assert wrong == []


def test_no_door_of_the_search_shows_anything_beside(found: Secrets) -> None:
    """By the word that all cases share, by the beginning of hidden words, and by what is nearly the former."""
    wrong = []
    for who in found.people:
        for text in (COMMON, "zq", f"{COMMON[:-1]}e"):
            for door in DOORS:
                page = text_of(found.clients[who], door.format(text), headers=HTMX)
                wrong += leaks(found, who, page, door)
    assert wrong == []


def test_no_word_out_of_sight_is_guessed(found: Secrets, actors: dict[str, Actor]) -> None:
    for case in found.cases.values():
        for place in ("subject", "internal", "redacted"):
            for who, actor in actors.items():
                sight = queries.sight_of(actor)
                guessed = "" if sight.is_empty else queries.words_meant(sight, case.word(place).replace("xw", "xx"))
                assert (guessed == case.word(place)) == may_find(case, place, who), (who, case.key, place)


def test_references_out_of_sight_and_their_beginnings_find_nothing(found: Secrets, actors: dict[str, Actor]) -> None:
    for case in found.cases.values():
        for who in set(actors) - case.readers:
            for text in (case.ref, str(case.pk)[:-1]):
                assert case.ref not in found_by(actors[who], text), (who, case.key, text)


def test_the_words_that_were_removed_are_in_no_index(found: Secrets) -> None:
    for case in found.cases.values():
        assert not CaseWords.objects.filter(words=case.word("redacted")).exists()
        assert CaseWords.objects.filter(words=case.word("internal")).count() == 1


def test_a_case_that_becomes_sensitive_is_gone_at_once_and_so_is_a_grant_that_ends(found: Secrets) -> None:
    standard, restricted = found.cases["standard"], found.cases["restricted"]
    word = standard.word("shared")
    lead = actor_for(found.made.world.users["service_lead"])
    assert now(found, "lead", word) == {standard.ref}
    actions.set_sensitivity(actor=lead, ref=standard.pk, sensitivity="confidential")
    assert now(found, "lead", word) == set()
    assert now(found, "coordinator", word) == set()
    assert now(found, "associate", word) == {standard.ref}
    inside = restricted.word("internal")
    assert now(found, "coordinator", inside) == {restricted.ref}
    CaseGrant.objects.filter(case=restricted.pk, user=found.made.world.users["coordinator"]).update(
        revoked_at=TimelineEntry.objects.latest("recorded_at").recorded_at
    )
    assert now(found, "coordinator", inside) == set()


def test_breaking_the_glass_lets_the_search_find_it(found: Secrets) -> None:
    case = found.cases["restricted"]
    assert now(found, "associate", case.word("internal")) == set()
    actions.break_glass(
        actor=actor_for(found.made.world.users["associate"]), ref=case.pk, reason="Somebody is in danger"
    )
    assert now(found, "associate", case.word("internal")) == {case.ref}


@pytest.mark.parametrize("few", [10, -1])
def test_who_is_asked_about_a_case_finds_it_as_long_as_that_is_open(
    found: Secrets, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """By the way of rare words and by the one of common words."""
    monkeypatch.setattr(finding_asked, "_FEW", few)
    case, users = found.cases["standard"], found.made.world.users
    word = case.word("internal")
    asker = actor_for(users["service_lead"])
    assert now(found, "other_associate", word) == set()
    due = timezone.now() + timedelta(days=1)
    asked = actions.ask_colleague(
        actor=asker, ref=case.pk, user_id=users["other_associate"].pk, question="What now?", due_at=due
    )
    assert now(found, "other_associate", word) == {case.ref}
    actions.withdraw_consult(actor=asker, consult_id=asked.pk)
    assert now(found, "other_associate", word) == set()


def test_what_was_merged_leads_on_only_those_who_see_both(found: Secrets) -> None:
    ended, stays = found.cases["standard"], found.cases["confidential"]
    lead = actor_for(found.made.world.users["service_lead"])
    actions.set_sensitivity(actor=lead, ref=ended.pk, sensitivity="confidential")
    actions.merge(actor=SYSTEM, source=ended.pk, target=stays.pk, reason="Same")
    for who in set(found.people) - {ANONYMOUS, "deactivated"}:
        wanted = {stays.ref} if who in stays.readers else set()
        assert now(found, who, ended.word("internal")) == wanted, who


def test_every_way_to_see_a_case_is_one_that_the_search_knows() -> None:
    """A new way to see cases needs its mark in `queries.finding`, or the search would miss what it opens."""
    known = {"everything", "levels", "services", "sites", "raisers", "granted", "let_in"}
    assert set(queries.Scope.__dataclass_fields__) == known


def test_words_in_two_rows_find_a_case_for_those_who_read_both(found: Secrets, actors: dict[str, Actor]) -> None:
    """One in the subject, the other somewhere else; the rarest comes first or last, which decides how they are looked for."""
    wrong = []
    for case in found.cases.values():
        for place in PLACES[1:]:
            for text in (f"{case.word(place)} {case.word('subject')}", f"{COMMON} {case.word(place)}"):
                for who, actor in actors.items():
                    wanted = {case.ref} if may_find(case, place, who) else set()
                    if found_by(actor, text) != wanted:
                        wrong.append((who, case.key, place, text))
    assert wrong == []


@pytest.mark.parametrize("few", [10, -1])
def test_two_notes_that_only_those_inside_read_find_nothing_together_for_others(
    found: Secrets, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(finding_asked, "_FEW", few)
    case = found.cases["standard"]
    for text in ("qxfirst", "qxsecond"):
        actions.add_note(actor=SYSTEM, ref=case.pk, text=text, shared=False)
    seen = {who: now(found, who, "qxfirst qxsecond") for who in set(found.people) - {ANONYMOUS, "deactivated"}}
    assert {who for who, refs in seen.items() if refs == {case.ref}} == case.inside
    assert {who for who, refs in seen.items() if refs} == case.inside
