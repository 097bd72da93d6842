"""A reply that begins with a template: chosen, shown with the case's values, and stopped where it asks for what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _

from escalations import actions, queries, rules
from escalations.choices import Direction, Outcome
from escalations.choices.replies import ReplyLanguage
from escalations.forms import ContactForm, TemplateFields
from escalations.forms.base import set_choices
from escalations.forms.statutory import AnswersByLaw
from escalations.queries import statutory as law
from escalations.queries.replies import language_to_write_in
from escalations.views.fact_kinds import fact_lines
from escalations.views.operation import Context, Done
from portal.audit.wording import listed
from portal.numbers import whole

if TYPE_CHECKING:
    from escalations.models import ReplyTemplateVersion
    from escalations.queries import Known, Prepared


def answers_owed(context: Context) -> list[str]:
    """Answers by law that the actor may record as given with a message."""
    actor, case = context.actor, context.case
    views = law.owed(case.pk)
    return [one.metric for one in views if rules.can_answer_by_law(actor, queries.facts_of(actor, case)).ok]


class StartsFromTemplate(AnswersByLaw, TemplateFields):
    """A form with a `text` that may begin with a template, and may be an answer by law. Asked to prepare, it takes the
    template's text in and does no more."""

    def __init__(self, data: QueryDict | None, *, context: Context, **kwargs: Any) -> None:
        self.context = context
        self.prepared: Prepared | None = None
        self.offered = queries.templates_for(context.case.service_id)
        self.preparing = data is not None and "prepare" in data
        self._facts: list[Known] | None = None
        self._source: ReplyTemplateVersion | None = None
        self.lost = False
        if data is not None:
            data = self._found(data.copy())
        super().__init__(data, **kwargs)
        set_choices(self, "template", [("", _("None")), *((one.pk, one.template.label) for one in self.offered)])
        if data is not None and self.preparing:
            self._prepare(data)
        elif data is None and self.offered:
            self.initial["template_language"] = language_to_write_in(self.facts, context.case)
        self.offer_answers(answers_owed(context))

    @property
    def facts(self) -> list[Known]:
        """What is known of the case; read once."""
        if self._facts is None:
            self._facts = queries.known_facts(queries.entries_visible_to(self.context.actor, self.context.case))
        return self._facts

    def _found(self, data: QueryDict) -> QueryDict:
        """What was sent, after a look at what its text is from. The service that has the case by now may not have that
        template: then the text goes without it, if the sender says so. A stop is not got round by this."""
        if (used := whole(data.get("used", ""))) is not None:
            self._source = queries.usable_version(used, self.context.case.service_id)
            self.lost = self._source is None
        if self.lost and "without_template" in data:
            self.lost, data["used"], data["used_language"] = False, "", ""
        return data

    def _prepare(self, data: QueryDict) -> None:
        """What is sent only to prepare is not yet judged."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        said, language = data.get("template", ""), data.get("template_language", "")
        version = next((one for one in self.offered if str(one.pk) == said), None)
        if version is None or language not in ReplyLanguage.values:
            self.add_error("template", _("Choose a template."))
        elif not version.text_in(language):
            self.add_error("template_language", _("This template has no text in this language."))
        elif data.get("text", "").strip() and data.get("used", "") not in ("", said):
            # What a text is made from is one template; another one would hide what the first asks for.
            self.add_error("template", _("The text is from another template already. Empty it to start from this one."))
        else:
            self._take(data, version, language)
        self.data = data

    def _take(self, data: QueryDict, version: ReplyTemplateVersion, language: str) -> None:
        """The text comes below what was typed already, unless it has to stop."""
        self.prepared = queries.prepare(self.context.actor, self.context.case, self.facts, version, language)
        typed = data.get("text", "").strip()
        if not typed:
            self.lost, data["used"], data["used_language"] = False, "", ""
        if self.prepared.asks_known and not data.get("ask_reason", "").strip():
            return
        data["text"] = f"{typed}\n\n{self.prepared.text}" if typed else self.prepared.text
        data["used"], data["used_language"] = str(version.pk), language

    def is_valid(self) -> bool:
        """Preparing writes nothing."""
        return not self.preparing and super().is_valid()

    @property
    def starting(self) -> list[forms.BoundField]:
        """The fields by which a template is chosen; none where there is no template."""
        return [self["template"], self["template_language"]] if self.offered else []

    @property
    def stopped(self) -> list[dict[str, Any]]:
        """What the template asks for although it is known."""
        if self.prepared:
            return fact_lines(self.prepared.asks_known, self.context)
        # The same when what was sent is shown again.
        return fact_lines(queries.asked_although_known(self._source, self.facts) if self._source else (), self.context)

    @property
    def gaps(self) -> str:
        """What is to be filled in before it can go."""
        return listed(dict.fromkeys(self.prepared.gaps)) if self.prepared and self.data.get("used") else ""

    @property
    def used_template(self) -> actions.Used | None:
        """What the text was made from, once the form is valid."""
        data = self.cleaned_data
        if not (data["used"] and data["used_language"]):
            return None
        return actions.Used(data["used"], data["used_language"], data["ask_reason"])


class PreparedContactForm(StartsFromTemplate, ContactForm):
    """What was said with the customer, or is to be said."""

    def __init__(self, data: QueryDict | None, *, context: Context) -> None:
        super().__init__(data, context=context, initial={"channel": context.case.channel})
        self.fields["text"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """What the customer did not get is no answer."""
        data = super().clean() or self.cleaned_data
        got = data.get("direction") == Direction.OUTBOUND and data.get("outcome") != Outcome.NO_ANSWER
        if data.get("duties") and not got:
            self.add_error("duties", _("Only what reached the customer can be an answer by law."))
        return data


def contact_form(context: Context, data: QueryDict | None) -> forms.Form:
    """A contact, perhaps from a template."""
    return PreparedContactForm(data, context=context)


def log_contact(context: Context, form: forms.Form) -> Done:
    """Log it, with what it was made from."""
    if not isinstance(form, PreparedContactForm):
        raise TypeError("not a contact")
    data = form.cleaned_data
    actions.log_contact(
        actor=context.actor,
        ref=context.case.pk,
        channel=data["channel"],
        direction=data["direction"],
        outcome=data["outcome"],
        text=data["text"],
        used=form.used_template,
        duties=form.answered,
    )
    return Done(_("Contact logged"))
