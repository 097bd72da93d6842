"""Reply templates: versions that stay, texts filled in, gaps that never go out, and known facts that are not asked again."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from escalations import queries
from escalations.actions import (
    Refused,
    Saying,
    Used,
    add_template,
    archive_template,
    change_template,
    log_contact,
    record_fact,
    withdraw_fact,
)
from escalations.models import Case, ReplyTemplate, ReplyTemplateVersion, Service, TemplateUse
from escalations.queries import Prepared
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.models import AuditEntry
from tests.factories.escalations import CaseFactory, ServiceFactory, actor, associate, coordinator

pytestmark = pytest.mark.django_db

BODY = "Dear {{ preferred_name }},\nabout {{ reference }}: {{ subject }}. Which booking is it?\n{{ sender }}"
BODY_ZH = "{{ preferred_name }}，您好：关于 {{ reference }}（{{ service }}）。"


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    return CaseFactory(service=service, site=site, subject="Locked {{ out }}")


def made(service: Service | None, **other: Any) -> ReplyTemplate:
    saying = {"name": "Holding line", "body": BODY, "body_zh": BODY_ZH, "asks": ("booking",), **other}
    return add_template(actor=SYSTEM, service_id=service.pk if service else None, saying=Saying(**saying))


def version_of(template: ReplyTemplate) -> ReplyTemplateVersion:
    return template.versions.order_by("-number")[0]


def prepared(who: Actor, case: Case, template: ReplyTemplate, language: str = "en") -> Prepared:
    known = queries.known_facts(queries.entries_visible_to(who, case))
    return queries.prepare(who, case, known, version_of(template), language)


def answer(who: Actor, case: Case, text: str, used: Used | None = None) -> Any:
    return log_contact(actor=who, ref=case.ref, channel="email", direction="out", outcome="sent", text=text, used=used)


def test_a_reply_begins_with_the_cases_values_in_its_language(case: Case, service: Service) -> None:
    who, template = associate(service), made(service)
    service.name_zh = "支付"
    service.save()
    case.refresh_from_db()
    first = prepared(who, case, template)
    assert first.text.startswith(f"Dear ⟦Preferred name⟧,\nabout {case.ref}: Locked {{{{ out }}}}. Which")
    assert first.gaps == ("Preferred name",)
    record_fact(actor=who, ref=case.ref, key="preferred_name", text="⟦Al⟧", source="customer")
    assert prepared(who, case, template).text.startswith("Dear Al,\n")
    zh = prepared(who, case, template, "zh-hans")
    assert zh.text == f"Al，您好：关于 {case.ref}（支付）。"


def test_gaps_never_go_out(case: Case, service: Service) -> None:
    who = associate(service)
    for text in ("Dear ⟦Preferred name⟧", "Dear ⟦", "half ⟧"):
        with pytest.raises(Refused) as refused:
            answer(who, case, text)
        assert refused.value.code == "gaps_left"
    assert "Preferred name" in str(refused_by(who, case))
    assert case.entries.filter(kind="contact").count() == 0


def refused_by(who: Actor, case: Case) -> Refused:
    with pytest.raises(Refused) as refused:
        answer(who, case, "Dear ⟦Preferred name⟧, and ⟦Preferred name⟧")
    return refused.value


def test_a_template_that_asks_for_a_known_fact_is_stopped(case: Case, service: Service) -> None:
    who, template = associate(service), made(service)
    used = Used(version_of(template).pk, "en")
    assert answer(who, case, "Which booking is it?", used).made_from.asked_known == []
    fact = record_fact(actor=who, ref=case.ref, key="booking", text="HX-7", source="customer")
    assert [one.text for one in prepared(who, case, template).asks_known] == ["HX-7"]
    with pytest.raises(Refused) as refused:
        answer(who, case, "Which booking is it?", used)
    assert (refused.value.code, "Booking or order" in str(refused.value)) == ("asks_known", True)
    why = Used(used.version_id, "en", "The number does not exist")
    entry = answer(who, case, "Which booking is it?", why)
    assert entry.made_from.asked_known == ["booking"]
    assert case.entries.filter(code="note.reason", is_internal=True, body__text=why.reason).count() == 1
    withdraw_fact(actor=who, ref=case.ref, fact_id=fact.pk)
    assert answer(who, case, "Which booking is it?", used).made_from.asked_known == []


def test_what_was_used_stays_what_it_was(case: Case, service: Service) -> None:
    who, template = associate(service), made(service)
    first = version_of(template)
    entry = answer(who, case, "Hello", Used(first.pk, "en"))
    changed = change_template(
        actor=SYSTEM, template_id=template.pk, saying=Saying(name="Holding line", body="Other"), expected_version=1
    )
    assert (changed.version, version_of(template).number, version_of(template).body) == (2, 2, "Other")
    entry.refresh_from_db()
    assert (entry.body.text, entry.made_from.version.body) == ("Hello", BODY)
    # A name alone is no new version of the text, and the same again is nothing.
    change_template(actor=SYSTEM, template_id=template.pk, saying=Saying(name="Line", body="Other"))
    assert version_of(template).number == 2
    for wrong, code in (({"expected_version": 1}, "stale"), ({}, "nothing_changed")):
        with pytest.raises(Refused) as refused:
            change_template(actor=SYSTEM, template_id=template.pk, saying=Saying(name="Line", body="Other"), **wrong)
        assert refused.value.code == code
    assert answer(who, case, "Begun before the change", Used(first.pk, "en")).made_from.version == first
    trail = AuditEntry.objects.filter(verb="template.changed")
    assert not any("Other" in str(row.changes) for row in trail)


def test_a_service_offers_its_own_templates_and_those_of_all(case: Case, service: Service) -> None:
    own, general = made(service), made(None, name="Thanks")
    foreign, archived = made(ServiceFactory(), name="Theirs"), made(service, name="Old")
    archive_template(actor=SYSTEM, template_id=archived.pk)
    assert [one.template for one in queries.templates_for(service.pk)] == [own, general]
    with pytest.raises(Refused) as refused:
        answer(associate(service), case, "Hello", Used(version_of(foreign).pk, "en"))
    assert refused.value.code == "template_elsewhere"
    with pytest.raises(Refused):
        answer(associate(service), case, "Hello", Used(version_of(own).pk, "fr"))
    assert TemplateUse.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "name_needed"),
        ({"name": "x" * 121}, "text_too_long"),
        ({"body": "\x00"}, "text_needed"),
        ({"body": "x" * 10_001}, "text_too_long"),
        ({"body": "{{ nobody }}"}, "template_unreadable"),
        ({"body_zh": "{% now %}"}, "template_unreadable"),
        ({"asks": ("subject",)}, "unknown_value"),
    ],
)
def test_bad_templates_are_refused(wrong: dict[str, Any], code: str, service: Service) -> None:
    with pytest.raises(Refused) as refused:
        made(service, **wrong)
    assert refused.value.code == code
    assert ReplyTemplate.objects.count() == 0


def test_who_writes_templates(service: Service, site: Site) -> None:
    other = ServiceFactory()
    lead, admin = associate(service, lead=True), actor("administrator")
    saying = Saying(name="Mine", body="Hello")
    own = add_template(actor=lead, service_id=service.pk, saying=saying)
    for service_id in (None, other.pk):
        with pytest.raises(Refused):
            add_template(actor=lead, service_id=service_id, saying=saying)
        add_template(actor=admin, service_id=service_id, saying=saying)
    with pytest.raises(Refused) as refused:
        add_template(actor=admin, service_id=None, saying=saying)
    assert refused.value.code == "name_taken"
    for who in (associate(service), coordinator(site), actor("auditor")):
        with pytest.raises((Refused, Http404)):
            change_template(actor=who, template_id=own.pk, saying=Saying(name="Mine", body="Changed"))
    assert {one.service_id for one in queries.templates_shown_to(lead)} == {service.pk, None}
    assert queries.templates_shown_to(associate(service)).count() == 0


def test_the_database_keeps_versions_and_uses(case: Case, service: Service) -> None:
    template = made(service)
    version = version_of(template)
    answer(associate(service), case, "Hello", Used(version.pk, "en"))

    def refused(sql: str, *values: Any) -> str:
        with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
        return str(error.value)

    row = "INSERT INTO escalations_replytemplateversion (template_id, number, body, body_zh, asks, at) VALUES "
    assert "reply_version_once" in refused(row + "(%s, 1, 'x', '', '{}', now())", template.pk)
    assert "reply_version_from_one" in refused(row + "(%s, 0, 'x', '', '{}', now())", template.pk)
    assert "reply_version_says_something" in refused(row + "(%s, 2, '', '', '{}', now())", template.pk)
    assert "reply_template_named" in refused("UPDATE escalations_replytemplate SET name = ''")
    named = "INSERT INTO escalations_replytemplate (name, name_zh, version) VALUES ('All', '', 1)"
    assert "reply_template_name_once" in refused(f"{named}; {named}")
    entry = CaseFactory(service=service).entries.get().pk
    use = "INSERT INTO escalations_templateuse (entry_id, version_id, language, asked_known) VALUES (%s, %s, %s, '{}')"
    assert "template_use_language_known" in refused(use, entry, version.pk, "fr")
    used = TemplateUse.objects.get().entry_id
    assert "entry_id" in refused(use, used, version.pk, "en")
    for table in ("escalations_replytemplateversion", "escalations_templateuse"):
        for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            assert "append-only" in refused(sql)
