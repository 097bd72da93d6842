"""Briefs reach those inside their case, copies also whom they are for; of a sensitive case nothing reaches anybody else."""

import pytest

from escalations import actions
from escalations.models import Brief, BriefCopy, Case
from escalations.queries import briefs as known
from portal.notifications import tasks
from portal.notifications.models import Notification
from tests.escalations.pages_world import HTMX
from tests.web.hidden import COMMON, NOBODY, Hidden, Secrets
from tests.web.leaks.seeing import leaks, text_of

pytestmark = pytest.mark.django_db
SENSITIVE = ("confidential", "restricted")
WORD = "zqbriefxw"


@pytest.fixture
def told(found: Secrets) -> Secrets:
    """The sensitive cases have a brief, and a copy of it in somebody's name who has no account."""
    lead = found.made.world.actor("service_lead")
    for case in (found.cases[key] for key in SENSITIVE):
        actions.write_brief(actor=lead, ref=case.pk, writing=_said(case))
        actions.give_brief(actor=lead, ref=case.pk, version=1, level="outside", name="zqreaderxw", reason="zqreasonxw")
    return found


def _said(case: Hidden) -> actions.Writing:
    row = Case.objects.get(pk=case.pk)
    picked = [one.entry for one in known.facts_for_brief(row)]
    return actions.Writing("en", situation=WORD, neutral=WORD, facts=picked)


def addresses(case: Hidden) -> list[str]:
    copy = BriefCopy.objects.get(brief__case=case.pk)
    root = f"/cases/{case.ref}/briefs/"
    return [root, f"{root}1/", f"{root}1/?level=outside", f"{root}new/", f"{root}1/give/", f"/briefs/{copy.pk}/", f"/briefs/{copy.pk}/pdf/"]  # fmt: skip


def test_only_those_inside_open_a_brief_or_a_copy(told: Secrets) -> None:
    wrong = []
    for case in (told.cases[key] for key in SENSITIVE):
        for who in set(told.people) - {"anonymous", "deactivated"}:
            for url in addresses(case):
                for headers in ({}, HTMX):
                    answer = told.clients[who].get(url, headers=headers)
                    if who not in case.inside and answer.status_code != 404:
                        wrong.append(f"{who} {url}: {answer.status_code}")
                page = text_of(told.clients[who], url)
                wrong += leaks(told, who, page, url, refs=False)
                if who not in case.inside and any(word in page for word in (WORD, "zqreaderxw", "zqreasonxw")):
                    wrong.append(f"{who} {url}: the brief")
        assert WORD in text_of(told.clients["service_lead"], addresses(case)[1])
    assert wrong == []


def test_nobody_outside_writes_or_gives(told: Secrets) -> None:
    for case in (told.cases[key] for key in SENSITIVE):
        for who in set(told.people) - case.inside - set(NOBODY):
            client, root = told.clients[who], f"/cases/{case.ref}/briefs/"
            assert client.post(f"{root}new/", {"situation": "x"}).status_code == 404, who
            assert client.post(f"{root}1/give/", {"level": "outside"}).status_code == 404, who
    assert (Brief.objects.filter(case__in=[told.cases[key].pk for key in SENSITIVE]).count(), BriefCopy.objects.filter(name="zqreaderxw").count()) == (2, 2)  # fmt: skip


def test_nobody_is_offered_as_a_reader_who_does_not_see_the_case(told: Secrets) -> None:
    names = {name: user.name for name, user in told.made.world.users.items()}
    for case in (told.cases[key] for key in SENSITIVE):
        page = text_of(told.clients["service_lead"], f"/cases/{case.ref}/briefs/1/give/")
        options = page[page.index('name="reader"') : page.index("</select>", page.index('name="reader"'))]
        # A stand-in reads by the person they stand in for, who is offered; service_lead looks.
        seen = {who for who, name in names.items() if f">{name}</option>" in options}
        assert seen <= case.inside, case.key
        assert "service_lead" in seen


def test_a_copy_goes_out_of_sight_with_its_case_and_no_notice_stays(told: Secrets) -> None:
    world, case = told.made.world, told.cases["standard"]
    actions.write_brief(actor=world.actor("service_lead"), ref=case.pk, writing=_said(case))
    copies = [
        actions.give_brief(
            actor=world.actor("service_lead"), ref=case.pk, version=1, level="outside", reader_id=world.users[who].pk
        )
        for who in ("lead", "manager")
    ]
    actions.set_sensitivity(actor=world.actor("service_lead"), ref=case.pk, sensitivity="restricted")
    tasks.fan_out()
    assert not Notification.objects.filter(kind="case.brief", subject_ids__contains=[case.pk]).exists()
    for who, copy in zip(("lead", "manager"), copies, strict=True):
        assert told.clients[who].get(f"/briefs/{copy.pk}/").status_code == 404
        assert told.clients[who].get(f"/briefs/{copy.pk}/pdf/").status_code == 404


def test_lists_searches_and_inboxes_say_nothing_of_briefs(told: Secrets) -> None:
    inside = told.cases["confidential"].inside | told.cases["restricted"].inside
    for who in set(told.people) - inside:
        for url in ("/", f"/queue/?q={COMMON}", f"/search/?q={WORD}", "/inbox/?show=all", "/audit/"):
            page = text_of(told.clients[who], url).replace(f"?q={WORD}", "").replace(f'value="{WORD}"', "")
            assert "zqreaderxw" not in page, (who, url)
            assert "zqreasonxw" not in page, (who, url)
