"""Tokens: what opens, and what does not."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.http import Http404
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from escalations.models import Service
from partners.models import Site
from portal.accounts.actions import deactivate, reactivate
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.api import actions
from portal.api.models import ApiToken
from portal.audit.models import AuditEntry
from portal.refusals import RefusedError
from tests.factories.accounts import administrator, somebody
from tests.factories.api import READ, WRITE, ApiTokenFactory, Program
from tests.factories.escalations import CaseFactory

pytestmark = pytest.mark.django_db


def test_a_token_is_known_by_its_hash_alone(coordinator: User) -> None:
    made, text = actions.create_token(actor=actor_for(coordinator), name="Feed", scopes=[READ], days=30)
    kept = ApiToken.objects.values().get()
    assert text.startswith("pop_")
    assert len(text) > 40
    assert text not in repr(kept)
    assert kept["token_hash"] == actions.hash_of(text)
    assert Program(None, text=text).get("/cases").status_code == 200
    entry = AuditEntry.objects.get(verb="api_token.made")
    assert (entry.subject_id, entry.changes) == (made.pk, {"scopes": [READ], "days": 30})


def test_what_does_not_open(coordinator: User, service: Service, site: Site) -> None:
    past = timezone.now() - timedelta(days=40)
    case = CaseFactory(service=service, site=site)
    ApiTokenFactory(user=coordinator, text="pop_old", created_at=past)
    ApiTokenFactory(user=coordinator, text="pop_revoked", revoked_at=timezone.now() + timedelta(seconds=1))
    for text in ("pop_old", "pop_revoked", "pop_unknown", "x" * 100_000, "a\x7f"):
        answer = Program(None, text=text).get(f"/cases/{case.ref}")
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_token"), text[:20]
        assert answer["WWW-Authenticate"].startswith("Bearer")
    nothing = Program(None, text=" ").get(f"/cases/{case.ref}", Authorization="Basic YTpi")
    assert (nothing.status_code, nothing.json()["code"]) == (401, "no_token")


def test_a_session_alone_opens_nothing(coordinator: User, service: Service, site: Site) -> None:
    program = Program(None)
    program.client.force_login(coordinator)
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer pop_unknown"}):
        assert program.get("/cases", **headers).status_code == 401


def test_a_scope_is_needed_for_each_thing(coordinator: User, service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site)
    reader, writer = Program(coordinator, scopes=(READ,)), Program(coordinator, scopes=(WRITE,))
    refused = reader.post("/cases", {"service": "payments", "site": "DLC", "subject": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert reader.post(f"/cases/{case.ref}/entries", {"kind": "note", "text": "x"}).status_code == 403
    for path in ("/cases", f"/cases/{case.ref}", f"/cases/{case.ref}/clocks", f"/cases/{case.ref}/entries"):
        assert (writer.get(path).status_code, reader.get(path).status_code) == (403, 200), path


def test_with_deactivation_tokens_are_dead_for_good(program: Program, coordinator: User) -> None:
    ada = actor_for(administrator())
    deactivate(actor=ada, user_id=coordinator.pk)
    assert program.get("/cases").status_code == 401
    reactivate(actor=ada, user_id=coordinator.pk)
    assert program.get("/cases").status_code == 401
    assert ApiToken.objects.get().revoked_at is not None


def test_what_ended_while_the_form_was_under_way_gives_no_token(coordinator: User) -> None:
    before = actor_for(coordinator)
    coordinator.memberships.update(ended_at=timezone.now())
    with pytest.raises(RefusedError) as refused:
        actions.create_token(actor=before, name="Feed", scopes=[READ], days=30)
    assert refused.value.field == "scopes"
    deactivate(actor=actor_for(administrator()), user_id=coordinator.pk)
    with pytest.raises(Http404):
        actions.create_token(actor=before, name="Feed", scopes=[READ], days=30)
    assert not ApiToken.objects.exists()


def test_an_administrator_without_a_second_factor_is_kept_out(db: None) -> None:
    assert Program(somebody("administrator")).get("/cases").json()["code"] == "second_factor_missing"
    assert Program(administrator()).get("/cases").status_code == 200


def test_a_role_that_ended_is_gone_from_the_token(
    program: Program, coordinator: User, service: Service, site: Site
) -> None:
    case = CaseFactory(service=service, site=site)
    assert program.get(f"/cases/{case.ref}").status_code == 200
    coordinator.memberships.update(ended_at=timezone.now())
    assert program.get(f"/cases/{case.ref}").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["cases:delete"]}, "scopes"),
        ({"days": 366}, "days"),
        ({"days": 0}, "days"),
    ],
)
def test_what_no_token_may_be(coordinator: User, change: dict[str, object], field: str) -> None:
    asked = {"name": "Feed", "scopes": [READ], "days": 30} | change
    with pytest.raises(RefusedError) as refused:
        actions.create_token(actor=actor_for(coordinator), **asked)
    assert refused.value.field == field
    assert not ApiToken.objects.exists()


def test_twenty_live_tokens_are_enough(coordinator: User) -> None:
    actor = actor_for(coordinator)
    for _ in range(20):
        ApiTokenFactory(user=coordinator)
    with pytest.raises(RefusedError):
        actions.create_token(actor=actor, name="Feed", scopes=[READ], days=30)
    ApiToken.objects.filter(pk=ApiToken.objects.latest("pk").pk).update(revoked_at=timezone.now())
    actions.create_token(actor=actor, name="Feed", scopes=[READ], days=30)


def test_its_use_is_noted_once_a_minute(program: Program, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    program.get("/cases")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    program.get("/cases")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    program.get("/cases")
    assert ApiToken.objects.get().last_used_at > first


def test_too_many_requests_have_to_wait(program: Program, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    assert [program.get("/cases").status_code for _ in range(3)] == [200, 200, 200]
    answers = [program.get("/cases") for _ in range(4)]
    # A minute may end while the test runs; then some of these begin the next one.
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == "too_many_requests"
    assert 1 <= int(refused[0]["Retry-After"]) <= 61
    assert Program(somebody("coordinator")).get("/cases").status_code == 200
    assert settings.API_REQUESTS_PER_MINUTE == 3


def test_more_tokens_are_not_more_requests(coordinator: User, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    programs = [Program(coordinator) for _ in range(7)]
    # Of seven in two minutes at least one is the fourth of its minute.
    assert 429 in [one.get("/cases").status_code for one in programs]


def test_tokens_cannot_be_guessed_without_end(program: Program, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    answers = [Program(None, text=f"pop_guess-{number}").get("/cases") for number in range(7)]
    assert {one.status_code for one in answers} == {401, 429}
    assert "Retry-After" in next(one for one in answers if one.status_code == 429)
    stranger = Program(None, text="pop_guess")
    stranger.client = Client(REMOTE_ADDR="192.0.2.9")
    assert stranger.get("/cases").status_code == 401, "another address has a count of its own"
    assert program.get("/cases").status_code == 200, "who has a token is not held up by its neighbours"


def test_limits_hold_without_valkey(program: Program, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.cache import cache
    from redis.exceptions import ConnectionError as AwayError

    def away(*args: object, **kwargs: object) -> None:
        raise AwayError("away")

    settings.API_REQUESTS_PER_MINUTE = 3
    primary = cache._primary  # type: ignore[attr-defined]
    for name in ("add", "incr", "get", "set"):
        monkeypatch.setattr(primary, name, away)
    assert 429 in [program.get("/cases").status_code for _ in range(7)]


def test_the_system_has_no_tokens() -> None:
    with pytest.raises(Http404):
        actions.create_token(actor=SYSTEM, name="Feed", scopes=[READ], days=30)
    assert settings.API_REQUESTS_PER_MINUTE >= 600
