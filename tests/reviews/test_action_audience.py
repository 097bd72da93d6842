"""Who is asked to verify an action, and who hears that it stays overdue, is found in as many queries for twenty people as for one."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations.models import CaseGrant
from portal.accounts.choices import Role
from portal.accounts.models import User
from reviews.models import Action
from reviews.queries.actions import answering, sees_case, verifiers_of
from tests.escalations.pages_world import World, world
from tests.factories.partners import user
from tests.reviews.action_world import raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def of_case(made: World) -> Action:
    """An action that came of a restricted case: only who sees that hears of it."""
    case = made.case(sensitivity="restricted", by="coordinator")
    action = raised(made, by="manager", owner="lead")
    Action.objects.filter(pk=action.pk).update(case=case)
    return Action.objects.select_related("site").get(pk=action.pk)


def counted[T](asked: Callable[[], T]) -> tuple[T, int]:
    """What is answered, and with how many queries."""
    with CaptureQueriesContext(connection) as seen:
        answer = asked()
    return answer, len(seen)


def more(made: World, role: str, number: int = 19) -> set[int]:
    """So many more of a role at the site."""
    people: list[User] = [user(role, site=made.site) for _at in range(number)]
    return {one.pk for one in people}


def test_verifiers(made: World, of_case: Action) -> None:
    Action.objects.filter(pk=of_case.pk).update(made_by=made.users["auditor"])
    of_case.refresh_from_db(fields=["made_by"])
    before, few = counted(lambda: verifiers_of(of_case))
    added = more(made, Role.COORDINATOR)
    after, many = counted(lambda: verifiers_of(of_case))
    assert few == many
    assert after - before <= added


def test_those_who_answer_for_the_other_side(made: World, of_case: Action) -> None:
    plain = raised(made, owner="lead")
    before, few = counted(lambda: answering([plain, of_case], timezone.now()))
    added = more(made, Role.MANAGER)
    others = [raised(made, owner="lead") for _at in range(19)]
    after, many = counted(lambda: answering([plain, of_case, *others], timezone.now()))
    assert few == many
    assert after[plain.pk] == before[plain.pk] | added
    assert set(after) == {plain.pk, of_case.pk, *(one.pk for one in others)}


def test_of_a_case_only_who_sees_it(made: World, of_case: Action) -> None:
    plain = raised(made, owner="lead")
    granted = user(Role.MANAGER, site=made.site)
    assert of_case.case_id
    CaseGrant.objects.create(case_id=of_case.case_id, user=granted, kind="grant")
    heard = answering([plain, of_case], timezone.now())
    assert granted.pk in heard[of_case.pk]
    assert heard[of_case.pk] == {pk for pk in heard[plain.pk] if sees_case(pk, of_case.case_id)}
    assert heard[of_case.pk] < heard[plain.pk]
