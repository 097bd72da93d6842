"""People named in notes: who can be, who hears of it and until when, what stays plain text, and what the database refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from escalations.actions import add_note, read_mentions, redact_entry, set_sensitivity
from escalations.models import Case, Mention, Service
from escalations.queries import mentions
from escalations.rules.mentioning import Person, named_in, spelling_of, unknown_in
from escalations.views.timeline_html import marked
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.notifications.models import Notification
from portal.notifications.tasks import fan_out
from tests.factories.accounts import DelegationFactory
from tests.factories.escalations import CaseFactory, ServiceFactory, actor, associate, coordinator, hold

pytestmark = pytest.mark.django_db

MEI, CHEN, LIN, OTHER_LIN = (
    Person(1, "Mei Lin", "mei@x.test"),
    Person(2, "陈小明", "chen@x.test"),
    Person(3, "Mei", "mlin@x.test"),
    Person(4, "Ann", "ann@x.test"),
)


@pytest.mark.parametrize(
    ("text", "found", "unknown"),
    [
        ("@Mei Lin, please", [(0, 8, 1)], []),
        ("cc @mei lin and @Mei.", [(3, 8, 1), (16, 4, 3)], []),
        ("请看@陈小明请回复", [(2, 4, 2)], []),
        ("(@chen) @ANN", [(1, 5, 2), (8, 4, 4)], []),
        ("mail me@x.test, @@Ann, @ Ann", [], []),
        ("@Annabel and @nobody. @nobody", [], ["Annabel", "nobody"]),
        ("@ann@x.test", [(0, 11, 4)], []),
        ("@<b>x</b>", [], []),
    ],
)
def test_what_names_somebody(text: str, found: list[tuple[int, int, int]], unknown: list[str]) -> None:
    people = [MEI, CHEN, LIN, OTHER_LIN]
    assert [(one.start, one.length, one.user_id) for one in named_in(text, people)] == found
    assert unknown_in(text, people) == unknown


def test_a_name_that_two_have_names_nobody_but_their_addresses_do() -> None:
    two = [Person(1, "Ann", "ann@x.test"), Person(2, "Ann", "a.lee@x.test"), Person(3, "Bo", "a.lee@y.test")]
    assert named_in("@Ann @ann @a.lee", two) == []
    assert [one.user_id for one in named_in("@a.lee@y.test @a.lee@x.test @ann@x.test @bo", two)] == [3, 2, 1, 3]
    assert [spelling_of(one, two) for one in two] == ["ann@x.test", "a.lee@x.test", "Bo"]
    assert len(named_in("@Bo " * 30, two)) == 20


def test_names_are_marked_and_everything_is_escaped() -> None:
    assert marked("<b> @Ann & @<i>", [(4, 4)]) == '&lt;b&gt; <b class="mention">@Ann</b> &amp; @&lt;i&gt;'
    assert marked("<x>", []) == "&lt;x&gt;"


def name_of(who: Actor) -> str:
    return User.objects.get(pk=who.user_id).name


def user_of(who: Actor) -> User:
    return User.objects.get(pk=who.user_id)


def told(who: Actor) -> int:
    fan_out()
    return Notification.objects.filter(recipient=who.user_id, kind="case.mentioned").count()


def test_who_is_named_hears_of_it_once(service: Service, site: Site) -> None:
    me, mate, boss = associate(service), associate(service), coordinator(site)
    case = CaseFactory(service=service, site=site)
    text = f"@{name_of(mate)} and @{name_of(boss)}: again @{name_of(mate)}, from @{name_of(me)}"
    entry = add_note(actor=me, ref=case.pk, text=text, shared=False)
    assert [one.user_id for one in entry.mentions.order_by("start")] == [
        mate.user_id,
        boss.user_id,
        mate.user_id,
        me.user_id,
    ]
    assert [told(one) for one in (mate, boss, me)] == [1, 1, 0]
    notice = Notification.objects.get(recipient=mate.user_id)
    assert notice.url == f"/cases/{case.ref}/#e{entry.pk}"
    assert notice.params == {"ref": case.ref}
    assert not notice.urgent, "quiet hours hold"


def test_nobody_is_named_in_what_partners_read_nor_who_does_not_see_the_notes(service: Service, site: Site) -> None:
    me, mate, stranger = associate(service), associate(service), associate(ServiceFactory())
    partner = actor("partner_lead", site=site)
    case = CaseFactory(service=service, site=site)
    add_note(actor=me, ref=case.pk, text=f"@{name_of(mate)}", shared=True)
    add_note(actor=me, ref=case.pk, text=f"@{name_of(stranger)} @{name_of(partner)} @Nobody", shared=False)
    assert not Mention.objects.exists()
    assert mentions.unknown_names(case, f"@{name_of(stranger)[:6]} @Nobody") == ["Person", "Nobody"], "alike"


def test_a_restricted_case_knows_its_holders_alone(service: Service, site: Site) -> None:
    me, holder, mate, lead = associate(service), associate(service), associate(service), associate(service, lead=True)
    case = CaseFactory(service=service, site=site)
    Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    for one in (me, holder):
        hold(case, one)
    case.refresh_from_db()
    assert {one.user_id for one in mentions.people_inside(case)} == {me.user_id, holder.user_id}
    add_note(actor=me, ref=case.pk, text=f"@{name_of(mate)} @{name_of(lead)} @{name_of(holder)}", shared=False)
    assert [one.user_id for one in Mention.objects.all()] == [holder.user_id]


def test_a_mention_ends_when_the_words_are_removed(service: Service, site: Site) -> None:
    me, mate = associate(service), associate(service)
    case = CaseFactory(service=service, site=site)
    first, second = (add_note(actor=me, ref=case.pk, text=f"@{name_of(mate)} {n}", shared=False) for n in range(2))
    assert mentions.unread_mentions(mate) == 2
    redact_entry(actor=me, ref=case.pk, entry_id=second.pk)
    assert [one.entry_id for one in mentions.mentions_of(mate, None)] == [first.pk]
    assert told(mate) == 1, "of the one that is gone nobody is told any more"
    assert mentions.cases_naming(mate, [case.pk]) == {case.pk}
    redact_entry(actor=me, ref=case.pk, entry_id=first.pk)
    assert mentions.cases_naming(mate, [case.pk]) == set()
    assert not list(mentions.mentions_of(mate, None))


def test_who_is_out_before_the_worker_comes_hears_nothing(service: Service, site: Site) -> None:
    me, boss, lead = associate(service), coordinator(site), associate(service, lead=True)
    case = CaseFactory(service=service, site=site)
    add_note(actor=me, ref=case.pk, text=f"@{name_of(boss)}", shared=False)
    assert mentions.unread_mentions(boss) == 1
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="confidential")
    assert told(boss) == 0
    assert not list(mentions.mentions_of(boss, None))
    assert mentions.unread_mentions(boss) == 0


def test_what_was_read_stays_read(service: Service, site: Site) -> None:
    me, mate = associate(service), associate(service)
    case = CaseFactory(service=service, site=site)
    for n in range(2):
        add_note(actor=me, ref=case.pk, text=f"@{name_of(mate)} {n}", shared=False)
    newest, oldest = [one.pk for one in mentions.mentions_of(mate, None)]
    read_mentions(actor=mate, up_to=newest)
    read_mentions(actor=mate, up_to=oldest)
    assert mentions.unread_mentions(mate) == 0
    read_mentions(actor=me, up_to=newest + 100)
    assert mentions.seen_up_to(me) == 0, "nobody reads ahead"


def test_what_the_database_refuses(service: Service, site: Site) -> None:
    me, mate = associate(service), associate(service)
    case = CaseFactory(service=service, site=site)
    add_note(actor=me, ref=case.pk, text=f"@{name_of(mate)}", shared=False)
    again = "INSERT INTO escalations_mention (entry_id, user_id, start, length, at) SELECT entry_id, user_id, {}, {}, at FROM escalations_mention"
    for sql in (
        again.format(0, 5), again.format(9, 1), again.format(-1, 5), "UPDATE escalations_mention SET start = 3",
        "DELETE FROM escalations_mention", "TRUNCATE escalations_mention",
    ):  # fmt: skip
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.parametrize(("sensitivity", "named"), [("standard", True), ("confidential", True), ("restricted", False)])
def test_a_stand_in_is_named_where_they_read_the_notes(
    service: Service, site: Site, sensitivity: str, *, named: bool
) -> None:
    me, away = associate(service), associate(service)
    stand_in, idle = associate(ServiceFactory()), associate(ServiceFactory())
    case = CaseFactory(service=service, site=site)
    Case.objects.filter(pk=case.pk).update(sensitivity=sensitivity)
    for one in (me, away):
        hold(case, one)
    case.refresh_from_db()
    DelegationFactory(principal=user_of(away), delegate=user_of(stand_in))
    DelegationFactory(principal=user_of(me), delegate=user_of(idle), ends_at=timezone.now() - timedelta(hours=1))
    assert {one.user_id for one in mentions.people_inside(case)} == {
        me.user_id,
        away.user_id,
        *([stand_in.user_id] if named else []),
    }
    assert (stand_in.user_id in {one.pk for one in mentions.suggestions(case, name_of(stand_in))}) is named
    add_note(actor=me, ref=case.pk, text=f"@{name_of(stand_in)} @{name_of(idle)}", shared=False)
    assert [one.user_id for one in Mention.objects.all()] == ([stand_in.user_id] if named else [])
    assert told(stand_in) == int(named)
    assert mentions.unread_mentions(actor_for(user_of(stand_in))) == int(named)


def test_the_stand_in_of_a_partner_user_is_named_nowhere(service: Service, site: Site) -> None:
    me, lead, other = associate(service), actor("partner_lead", site=site), actor("partner_lead", site=site)
    case = CaseFactory(service=service, site=site)
    DelegationFactory(principal=user_of(lead), delegate=user_of(other))
    assert {one.user_id for one in mentions.people_inside(case)} == {me.user_id}
