"""Reply templates: written in versions, archived, and used. What a reply was made from, and over what it was stopped, is kept."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from escalations import access, queries
from escalations.choices import Reason
from escalations.choices.replies import ASKABLE, MAX_BODY, VARIABLES, ReplyLanguage
from escalations.models import Case, ReplyTemplate, ReplyTemplateVersion, TemplateUse, TimelineEntry
from escalations.rules import rendering
from portal.accounts.rules import Actor
from portal.audit import actions as audit
from portal.audit.wording import listed

from ._base import Refused, add_reason, known, words
from .configuration import may_configure, may_configure_service, same_version


@dataclass(frozen=True, slots=True)
class Saying:
    """What a template is called and says; `asks` are keys of facts that the text asks the customer for."""

    name: str
    body: str
    name_zh: str = ""
    body_zh: str = ""
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """The version that a reply was made from, in which language, and why it asks for what is known, if it does."""

    version_id: int
    language: str
    reason: str = ""


@transaction.atomic
def add_template(*, actor: Actor, service_id: int | None, saying: Saying) -> ReplyTemplate:
    """A new template, of a service or of all. Raises Refused, Http404."""
    acting = _permitted(actor, service_id)
    template = ReplyTemplate(service_id=service_id, **_names(saying))
    _save(template)
    row = _add_version(acting, template, saying, 1)
    _trail(acting, "template.added", template, {"service": service_id, "template_version": row.number})
    return template


@transaction.atomic
def change_template(
    *, actor: Actor, template_id: int, saying: Saying, expected_version: int | None = None
) -> ReplyTemplate:
    """Other words or another name. Other words are a new version; replies made from earlier ones keep theirs. Raises
    Refused, Http404."""
    template = access.get_template(actor, template_id, for_update=True)
    acting = _permitted(actor, template.service_id)
    same_version(template.version, expected_version)
    newest = template.versions.order_by("-number")[0]
    said, before = _content(saying), {"body": newest.body, "body_zh": newest.body_zh, "asks": newest.asks}
    names = _names(saying)
    if said == before and names == {"name": template.name, "name_zh": template.name_zh}:
        raise Refused(Reason.NOTHING_CHANGED)
    template.name, template.name_zh, template.version = names["name"], names["name_zh"], template.version + 1
    _save(template)
    number = newest.number if said == before else _add_version(acting, template, saying, newest.number + 1).number
    _trail(acting, "template.changed", template, {"template_version": number})
    return template


@transaction.atomic
def archive_template(
    *, actor: Actor, template_id: int, archived: bool = True, expected_version: int | None = None
) -> ReplyTemplate:
    """Offer it no more, or again. Raises Refused, Http404."""
    template = access.get_template(actor, template_id, for_update=True)
    acting = _permitted(actor, template.service_id)
    same_version(template.version, expected_version)
    template.archived_at = timezone.now() if archived else None
    template.version += 1
    template.save(update_fields=["archived_at", "version"])
    _trail(acting, "template.archived" if archived else "template.restored", template)
    return template


def check_filled(text: str) -> str:
    """The text, if nothing in it is still to be filled in. Raises Refused."""
    if gaps := rendering.gaps_in(text):
        raise Refused(Reason.GAPS_LEFT, gaps=listed(dict.fromkeys(gaps)))
    return text


def keep_use(acting: Actor, case: Case, entry: TimelineEntry, used: Used, at: datetime) -> TemplateUse:
    """What a reply was made from. One that asks for what is known needs a reason, which is kept as a note. The caller has
    locked the case. Raises Refused."""
    language = known(used.language, ReplyLanguage.values)
    version = queries.usable_version(used.version_id, case.service_id)
    if version is None:
        raise Refused(Reason.TEMPLATE_ELSEWHERE)
    facts = queries.known_facts(queries.entries_visible_to(acting, case))
    asked = queries.asked_although_known(version, facts)
    reason = words(used.reason)
    if asked and not reason:
        raise Refused(Reason.ASKS_KNOWN, facts=listed(one.label for one in asked))
    if asked:
        add_reason(case, acting, at, reason)
    keys = sorted({one.key for one in asked})
    return TemplateUse.objects.create(entry=entry, version=version, language=language, asked_known=keys)


def _permitted(actor: Actor, service_id: int | None) -> Actor:
    if service_id is None:
        return may_configure(actor)
    return may_configure_service(actor, access.get_service(actor, service_id))


def _names(saying: Saying) -> dict[str, str]:
    return {
        "name": words(saying.name, needed=Reason.NAME_NEEDED, limit=120),
        "name_zh": words(saying.name_zh, limit=120),
    }


def _content(saying: Saying) -> dict[str, str | list[str]]:
    body = words(saying.body, needed=Reason.TEXT_NEEDED, limit=MAX_BODY)
    body_zh = words(saying.body_zh, limit=MAX_BODY)
    _readable(body, body_zh)
    return {"body": body, "body_zh": body_zh, "asks": sorted({known(key, ASKABLE) for key in saying.asks})}


def _readable(*texts: str) -> None:
    for text in texts:
        try:
            rendering.parse(text, VARIABLES)
        except rendering.BadTemplateError as error:
            raise Refused(Reason.TEMPLATE_UNREADABLE) from error


def _add_version(acting: Actor, template: ReplyTemplate, saying: Saying, number: int) -> ReplyTemplateVersion:
    return ReplyTemplateVersion.objects.create(
        template=template, number=number, by_id=acting.user_id, **_content(saying)
    )


def _save(template: ReplyTemplate) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise Refused(Reason.NAME_TAKEN) from error


def _trail(actor: Actor, verb: str, template: ReplyTemplate, changes: dict[str, object] | None = None) -> None:
    audit.record(actor=actor, verb=verb, subject_type="template", subject_id=template.pk, changes=changes)
