"""Being named tells nobody of a case that they do not see, and the list of names nobody of people who do not."""

import pytest

from escalations import actions
from portal.accounts.rules import SYSTEM
from portal.notifications.models import Notification
from portal.notifications.tasks import fan_out
from tests.web.hidden import Secrets
from tests.web.leaks.seeing import leaks, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def named(found: Secrets) -> Secrets:
    """In every case everybody is named in a note, by their names and by what they sign in with."""
    users = found.made.world.users.values()
    for case in found.cases.values():
        text = f"{case.word('internal')} " + " ".join(f"@{user.name} @{user.email}" for user in users)
        for start in range(0, len(users), 5):
            some = " ".join(f"@{user.email}" for user in list(users)[start : start + 5])
            actions.add_note(actor=SYSTEM, ref=case.pk, text=f"{case.word('internal')} {some}", shared=False)
        actions.add_note(actor=SYSTEM, ref=case.pk, text=text, shared=False)
    fan_out()
    return found


def test_only_those_inside_were_named_and_hear_of_it(named: Secrets) -> None:
    users, wrong = named.made.world.users, []
    for who in named.people:
        for url in ("/mentions/", "/inbox/?show=all", "/"):
            wrong += leaks(named, who, text_of(named.clients[who], url), url)
    assert wrong == []
    ids = {user.pk: name for name, user in users.items()}
    for notice in Notification.objects.filter(kind="case.mentioned"):
        [case] = [one for one in named.cases.values() if one.pk in notice.subject_ids]
        assert ids[notice.recipient_id] in case.inside
        assert "xw" not in str(notice.params)
    page = text_of(named.clients["service_lead"], "/mentions/")
    for key in ("standard", "confidential", "restricted"):
        assert named.cases[key].ref in page, key


def test_people_of_a_case_are_told_to_those_who_write_its_notes_alone(named: Secrets) -> None:
    users = named.made.world.users
    for case in named.cases.values():
        for who in named.people:
            page = text_of(named.clients[who], f"/cases/{case.ref}/people/?q=")
            status = int(page[:3])
            writes = who in case.inside - {"administrator", "auditor"}
            assert (status == 200) is writes, (case.key, who, status)
            if who not in case.readers:
                assert status in (302, 404), (case.key, who)
            if status == 200:
                listed = [name for name, user in users.items() if f'data-spelling="{user.name}"' in page]
                assert set(listed) <= case.inside, case.key


def test_who_is_let_out_loses_the_mention(named: Secrets) -> None:
    world, case = named.made.world, named.cases["standard"]
    assert case.ref in text_of(named.clients["coordinator"], "/mentions/")
    actions.set_sensitivity(actor=world.actor("service_lead"), ref=case.pk, sensitivity="confidential")
    for url in ("/mentions/", "/inbox/?show=all"):
        page = text_of(named.clients["coordinator"], url)
        assert case.ref not in page, url
        assert case.word("internal") not in page, url
