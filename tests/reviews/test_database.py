"""What the database itself refuses about packs and actions, whatever the application says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from reviews.choices import PackState, Side
from reviews.models import Line, Pack
from tests.factories.accounts import UserFactory
from tests.factories.partners import PartnerFactory, PersonFactory
from tests.factories.reviews import (
    ActionFactory,
    PackFactory,
    ReportJobFactory,
    acknowledge,
    comment,
    draft,
    kind_of,
    published,
)

pytestmark = pytest.mark.django_db
PUBLISH = (
    "UPDATE reviews_pack SET state = 'published', published_at = now(), published_by_id = %(by)s, content_hash = repeat('a', 64)"
    " WHERE id = %(pack)s"
)


def run(statement: str, **params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    """The database refuses by this name."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        yield
    said = caught.value.__cause__
    assert said is not None
    assert constraint == said.diag.constraint_name or constraint in str(said)


def test_an_exception_without_comment_is_not_published() -> None:
    pack, one, other = draft(), UserFactory.create(), UserFactory.create()
    acknowledge(pack, one, Side.PARTNER)
    acknowledge(pack, other, Side.COMPANY)
    with refused("pack_comments"):
        run(PUBLISH, pack=pack.pk, by=other.pk)


def test_a_line_in_order_needs_no_comment() -> None:
    pack, one, other = draft(needed=False), UserFactory.create(), UserFactory.create()
    acknowledge(pack, one, Side.PARTNER)
    acknowledge(pack, other, Side.COMPANY)
    assert run(PUBLISH, pack=pack.pk, by=other.pk) == 1


@pytest.mark.parametrize("sides", [[], ["company"], ["partner"], ["partner", "partner"]])
def test_both_sides_acknowledge_before_publication(sides: list[str]) -> None:
    pack = draft(needed=False)
    for at, side in enumerate(sides):
        acknowledge(pack, UserFactory.create(), side, content_hash=str(at) * 64)
    with refused("pack_acknowledged"):
        run(PUBLISH, pack=pack.pk, by=UserFactory.create().pk)


def test_both_sides_acknowledge_the_same() -> None:
    pack = draft(needed=False)
    acknowledge(pack, UserFactory.create(), Side.PARTNER, content_hash="1" * 64)
    acknowledge(pack, UserFactory.create(), Side.COMPANY, content_hash="2" * 64)
    with refused("pack_acknowledged"):
        run(PUBLISH, pack=pack.pk, by=UserFactory.create().pk)


def test_another_comment_voids_what_was_acknowledged() -> None:
    pack, lead, manager = draft(), UserFactory.create(), UserFactory.create()
    comment(pack, lead)
    acknowledge(pack, lead, Side.PARTNER)
    acknowledge(pack, manager, Side.COMPANY)
    comment(pack, lead, text="And one more.")
    with refused("pack_acknowledged"):
        run(PUBLISH, pack=pack.pk, by=manager.pk)


def test_the_company_alone_acknowledges_the_network() -> None:
    pack, manager = draft(needed=False, scope="network", site=None), UserFactory.create()
    with refused("pack_acknowledged"):
        run(PUBLISH, pack=pack.pk, by=manager.pk)
    acknowledge(pack, manager, Side.COMPANY)
    assert run(PUBLISH, pack=pack.pk, by=manager.pk) == 1


@pytest.mark.parametrize("other", ["themselves", "the person", "the stand-in's principal"])
def test_nobody_acknowledges_for_both_sides(other: str) -> None:
    person, pack = PersonFactory.create(), draft()
    one = UserFactory.create(person=person)
    acknowledge(pack, one, Side.PARTNER)
    # A person has one account, so somebody else can only act for them.
    said = {"by": one} if other == "themselves" else {"by": UserFactory.create(), "for_user": one}
    with refused("acknowledgement_two_people"):
        acknowledge(pack, side=Side.COMPANY, **said)


def test_a_pack_is_a_draft_before_it_is_published() -> None:
    waiting, by = PackFactory.create(), UserFactory.create()
    whole = {"data": {}, "frozen_at": timezone.now(), "published_at": timezone.now(), "published_by": by}
    with refused("pack_draft_first"):
        Pack.objects.filter(pk=waiting.pk).update(state=PackState.PUBLISHED, content_hash="a" * 64, **whole)
    with refused("pack_draft_first"):
        PackFactory.create(state=PackState.PUBLISHED, content_hash="a" * 64, **whole)


@pytest.mark.parametrize(
    "change",
    ["data = '{}'", "missing = '[1]'", "frozen_at = now()", "state = 'waiting', data = NULL, frozen_at = NULL"],
)
def test_what_a_pack_froze_stays(change: str) -> None:
    with refused("pack_frozen_stays"):
        run(f"UPDATE reviews_pack SET {change} WHERE id = %(pack)s", pack=draft().pk)


@pytest.mark.parametrize(
    "change",
    ["first_day = first_day - 7", "last_day = last_day + 7", "revision = 2", "scope = 'network', site_id = NULL"],
)
def test_what_a_pack_is_about_stays(change: str) -> None:
    with refused("pack_about_stays"):
        run(f"UPDATE reviews_pack SET {change} WHERE id = %(pack)s", pack=PackFactory.create().pk)


@pytest.mark.parametrize("change", ["data = '{}'", "state = 'draft'", "content_hash = repeat('b', 64)", "version = 2"])
def test_a_published_pack_stays(change: str) -> None:
    pack = published()
    with refused("pack_stays"):
        run(f"UPDATE reviews_pack SET {change} WHERE id = %(pack)s", pack=pack.pk)
    with refused("pack_stays"):
        run("DELETE FROM reviews_pack WHERE id = %(pack)s", pack=pack.pk)


def test_nothing_is_added_to_a_published_pack_and_no_line_to_a_frozen_one() -> None:
    pack, by = published(), UserFactory.create()
    with refused("pack_stays"):
        comment(pack, by)
    with refused("pack_stays"):
        acknowledge(pack, by, Side.PARTNER, content_hash="c" * 64)
    with refused("pack_frozen_stays"):
        Line.objects.create(pack=draft(), section="scorecard", key="asa")
    with refused("pack_stays"):
        acknowledge(PackFactory.create(), by, Side.PARTNER, content_hash="c" * 64)


def test_a_comment_is_on_a_line_of_its_own_pack() -> None:
    pack, other = draft(), draft()
    with refused("pack_comment_own_line"):
        comment(pack, UserFactory.create(), line=other.lines.get())


@pytest.mark.parametrize("table", ["line", "comment", "acknowledgement"])
@pytest.mark.parametrize("statement", ["UPDATE reviews_{} SET id = id", "DELETE FROM reviews_{}"])
def test_what_was_said_is_neither_changed_nor_removed(table: str, statement: str) -> None:
    published()
    with refused("append-only"):
        run(statement.format(table))


def test_one_pack_of_a_kind_place_and_period() -> None:
    pack = PackFactory.create()
    with refused("pack_once"):
        PackFactory.create(site=pack.site)
    PackFactory.create(site=pack.site, revision=2)
    PackFactory.create(site=pack.site, kind=kind_of("monthly"))
    PackFactory.create(scope="network", site=None)
    with refused("pack_once"):
        PackFactory.create(scope="network", site=None)


@pytest.mark.parametrize("model", [PackFactory, ReportJobFactory])
def test_a_place_is_what_the_scope_says(model: Any) -> None:
    for wrong in ({"site": None}, {"scope": "network"}, {"partner": PartnerFactory.create()}, {"scope": "planet"}):
        with refused("_place"):
            model.create(**wrong)


def test_one_job_of_a_kind_and_place() -> None:
    job = ReportJobFactory.create()
    with refused("report_job_once"):
        ReportJobFactory.create(site=job.site)
    job.archived_at = timezone.now()
    job.save()
    ReportJobFactory.create(site=job.site)
    with refused("report_job_day"):
        ReportJobFactory.create(weekday=7)
    with refused("report_job_formats_known"):
        ReportJobFactory.create(formats=["docx"])


def test_days_states_and_hashes_are_what_they_can_be() -> None:
    with refused("pack_days"):
        PackFactory.create(last_day=date(2026, 11, 8))
    with refused("pack_frozen"):
        run("UPDATE reviews_pack SET state = 'draft' WHERE id = %(pack)s", pack=PackFactory.create().pk)
    with refused("pack_published"):
        run("UPDATE reviews_pack SET content_hash = repeat('a', 64) WHERE id = %(pack)s", pack=draft().pk)
    with refused("acknowledgement_hash"):
        acknowledge(draft(), UserFactory.create(), Side.PARTNER, content_hash="nothing")
    with refused("pack_comment_not_empty"):
        comment(draft(), UserFactory.create(), text="")


@pytest.mark.parametrize("way", ["who did it", "its owner", "for whom it was done", "in the owner's name"])
def test_an_action_is_verified_by_somebody_else(way: str) -> None:
    owner, doer, principal, other = (UserFactory.create(person=PersonFactory.create()) for _at in range(4))
    done = {
        "done_by": doer,
        "done_for": principal,
        "done_at": timezone.now(),
        "owner": owner,
        "verified_at": timezone.now(),
    }
    wrong = {
        "who did it": {"verified_by": doer}, "its owner": {"verified_by": owner},
        "for whom it was done": {"verified_by": principal}, "in the owner's name": {"verified_by": other, "verified_for": owner},
    }[way]  # fmt: skip
    with refused("action_two_people"):
        ActionFactory.create(state="verified", **done, **wrong)
    ActionFactory.create(state="verified", **done, verified_by=other)


def test_a_verified_action_stays_and_states_say_who_and_when() -> None:
    now, doer, other = timezone.now(), UserFactory.create(), UserFactory.create()
    action = ActionFactory.create(state="verified", done_by=doer, done_at=now, verified_by=other, verified_at=now)
    with refused("action_stays"):
        run("UPDATE reviews_action SET title = 'x' WHERE id = %(action)s", action=action.pk)
    for name, fields in {
        "action_done": {"state": "done"},
        "action_verified": {"state": "verified", "done_by": doer, "done_at": now},
        "action_one_place": {"partner": PartnerFactory.create()},
        "action_change_of_a_kpi": {"expected_change": 1},
    }.items():
        with refused(name):
            ActionFactory.create(**fields)
