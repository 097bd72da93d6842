"""Reply templates: which there are for a case, what they say, and what of it is known already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone, translation
from django.utils.formats import date_format

from escalations.choices.facts import CardKey, FactKey
from escalations.choices.replies import VARIABLES, CaseVariable, ReplyLanguage, variable_labels
from escalations.models import Case, ReplyTemplate, ReplyTemplateVersion
from escalations.rules import rendering
from portal.accounts.models import User
from portal.accounts.rules import Actor

from .configuration import configurable_services, path_of
from .known import Known, card_of, standing
from .languages import language_of


def newest_versions() -> QuerySet[ReplyTemplateVersion]:
    """The version of each template that is in force."""
    newest = ReplyTemplateVersion.objects.filter(template=OuterRef("template")).order_by("-number").values("pk")[:1]
    return ReplyTemplateVersion.objects.filter(pk=Subquery(newest)).select_related("template__service")


def templates_for(service_id: int) -> list[ReplyTemplateVersion]:
    """What somebody may start a reply of this service with: its own templates, then those of all. One query."""
    live = Q(template__archived_at=None) & (Q(template__service=service_id) | Q(template__service=None))
    rows = newest_versions().filter(live)
    return list(rows.order_by(F("template__service").asc(nulls_last=True), "template__name", "pk"))


def usable_version(version_id: int, service_id: int) -> ReplyTemplateVersion | None:
    """A version that a reply of this service may be made from, the earlier ones of a template among them."""
    own = Q(template__service=service_id) | Q(template__service=None)
    return ReplyTemplateVersion.objects.filter(own, pk=version_id).select_related("template").first()


def templates_shown_to(actor: Actor) -> QuerySet[ReplyTemplate]:
    """Templates on the pages of configuration, archived ones last: all of them to administrators and auditors; to leads
    those of their services, and those of all services to read."""
    rows = ReplyTemplate.objects.select_related("service").order_by(
        F("archived_at").asc(nulls_first=True), F("service__name").asc(nulls_first=True), "name"
    )
    if actor.is_system or actor.can("configure") or actor.can("read_all"):
        return rows
    if not actor.can("configure_service"):
        return rows.none()
    return rows.filter(Q(service__in=configurable_services(actor)) | Q(service=None))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A reply as a template would begin it: the text with its gaps, and what it asks for although it is known."""

    version: ReplyTemplateVersion
    language: str
    text: str
    asks_known: tuple[Known, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is still to be filled in."""
        return rendering.gaps_in(self.text)


def prepare(actor: Actor, case: Case, known: Sequence[Known], version: ReplyTemplateVersion, language: str) -> Prepared:
    """The template with the case's values and what is known of it, in a language. One query."""
    text = filled(actor, case, known, version.text_in(language), language)
    return Prepared(version, language, text, asked_although_known(version, known))


def filled(actor: Actor, case: Case, known: Iterable[Known], text: str, language: str) -> str:
    """A text with the case's values and what is known of it, in a language; gaps for the rest. One query."""
    writer = User.objects.filter(pk=actor.user_id or 0).first()
    with translation.override(language):
        values = _values(case, known, writer.name if writer else "")
        return rendering.fill(rendering.parse(text, VARIABLES), values, variable_labels())


def asked_although_known(version: ReplyTemplateVersion, known: Iterable[Known]) -> tuple[Known, ...]:
    """The facts that hold and that the template asks for."""
    return tuple(one for one in known if one.holds and one.key in version.asks)


def language_to_write_in(known: Iterable[Known], case: Case) -> ReplyLanguage:
    """Chinese for whoever wants it by what is known of the case, else English."""
    wanted = card_of(known, case).get(CardKey.LANGUAGE)
    return ReplyLanguage.CHINESE if wanted and language_of(wanted.text) == "zh" else ReplyLanguage.ENGLISH


def _values(case: Case, known: Iterable[Known], writer: str) -> Mapping[str, str]:
    """What each variable stands for, in the language that is active."""
    keys = {*FactKey.values, *CardKey.values}
    facts = {key: one.text for key, one in standing(known, case).items() if key in keys}
    return {
        **facts,
        CaseVariable.REFERENCE: case.ref,
        CaseVariable.SUBJECT: case.subject,
        CaseVariable.SERVICE: case.service.label,
        CaseVariable.SITE: case.site.label if case.site else "",
        CaseVariable.ISSUE_TYPE: path_of(case.issue_type)[-1] if case.issue_type else "",
        CaseVariable.CUSTOMER_REFERENCE: case.customer_ref,
        CaseVariable.OPENED_ON: date_format(timezone.localtime(case.opened_at)),
        CaseVariable.TODAY: date_format(timezone.localtime()),
        CaseVariable.OWNER: case.owner.name if case.owner else "",
        CaseVariable.SENDER: writer,
    }
