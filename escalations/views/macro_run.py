"""Running a macro on a case: chosen, seen with the case's values, then done as a whole."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _

from escalations import actions, queries
from escalations.choices import Verb
from escalations.choices.replies import ReplyLanguage
from escalations.forms import RunMacroForm
from escalations.forms.base import set_choices
from escalations.forms.statutory import AnswersByLaw
from escalations.queries.mail import answer_to
from escalations.queries.replies import language_to_write_in
from escalations.queries.statutory import final_is_owed
from escalations.rules.rendering import gaps_in
from escalations.views.fact_kinds import fact_lines
from escalations.views.operation import Context, Done
from escalations.views.replying import answers_owed
from portal.audit.wording import listed

if TYPE_CHECKING:
    from escalations.models import Macro
    from escalations.queries import Known, Prepared


class SeenMacroForm(AnswersByLaw, RunMacroForm):
    """Asks in two steps: which macro; then, with its acts and words in view, to do it. What is done is what was looked at. A
    reply that is mailed may be an answer by law."""

    def __init__(self, data: QueryDict | None, *, context: Context) -> None:
        self.context = context
        self.offered = list(queries.macros_for(context.case.service_id))
        self.chosen: Macro | None = None
        self.prepared: Prepared | None = None
        self.looked = False
        self.address = ""
        self.ends_owing = False
        super().__init__(data, initial={"version": context.case.version})
        if data is None:
            self.initial["language"] = language_to_write_in(self._known(), context.case)
        set_choices(self, "macro", [("", _("Choose")), *((one.pk, one.label) for one in self.offered)])
        if data is not None:
            self._look(data.copy())
        if self.address:
            self.offer_answers(answers_owed(context))
        else:
            del self.fields["duties"]

    def _look(self, data: QueryDict) -> None:
        self.chosen = next((one for one in self.offered if str(one.pk) == data.get("macro", "")), None)
        language = data.get("language", "")
        ends = self.chosen is not None and self.chosen.verb == Verb.RESOLVE
        self.ends_owing = ends and final_is_owed(self.context.case.pk)
        if self.chosen is None or language not in ReplyLanguage.values:
            return
        known = self._known()
        mark = f"{self.chosen.pk}.{self.chosen.version}.{language}"
        if not self._prepare(known, language):
            self._quiet()
            self.add_error("language", _("This template has no text in this language."))
            return
        if self.prepared:
            self.address = answer_to(self.context.actor, self.context.case)
            # Also to whom: the letter goes to the address that was looked at, or it does not go.
            mark = f"{mark}.{self.prepared.version.pk}.{sha256(self.address.encode()).hexdigest()[:16]}"
        self.looked = data.get("seen", "") == mark and not self._waits_for_text(data)
        if not self.looked:
            self._quiet()
            self._fill(data, known, mark)
        self.data = data

    def _known(self) -> list[Known]:
        return queries.known_facts(queries.entries_visible_to(self.context.actor, self.context.case))

    def _quiet(self) -> None:
        """What is only looked at is not judged."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def _prepare(self, known: list[Known], language: str) -> bool:
        """The reply, if the macro has one; whether there is a text in the language."""
        reply = self.chosen.reply if self.chosen else None
        if reply is None:
            return True
        version = reply.versions.select_related("template").order_by("-number")[0]
        if not version.text_in(language):
            return False
        self.prepared = queries.prepare(self.context.actor, self.context.case, known, version, language)
        return True

    def _waits_for_text(self, data: QueryDict) -> bool:
        return self.prepared is not None and not data.get("text", "").strip()

    def _fill(self, data: QueryDict, known: list[Known], mark: str) -> None:
        context, chosen, language = self.context, self.chosen, data.get("language", "")
        if chosen is not None and chosen.note and data.get("seen", "") != mark:
            data["note"] = queries.filled(context.actor, context.case, known, chosen.note_in(language), language)
        if self.prepared and (not self.prepared.asks_known or data.get("ask_reason", "").strip()):
            data["text"] = self.prepared.text
        elif self.prepared:
            data["text"] = ""
        data["seen"] = mark

    def is_valid(self) -> bool:
        """Whether all is said about the very macro that was looked at."""
        return super().is_valid() and self.looked

    def visible_fields(self) -> list[forms.BoundField]:
        """Which macro; then its words."""
        shown = {"macro", "language"}
        if self.chosen and self.chosen.note:
            shown.add("note")
        if self.prepared:
            shown |= {"text", "duties", "ask_reason"} if self.prepared.asks_known else {"text", "duties"}
        if self.ends_owing:
            shown.add("reason")
        return [bound for bound in super().visible_fields() if bound.name in shown]

    @property
    def acts(self) -> list[str]:
        """What will be done, in order."""
        one = self.chosen
        if one is None:
            return []
        found = [_("Assigned to you")] if one.take else []
        found += [_("Internal note")] if one.note else []
        found += [self._reply_act(one.reply.label)] if one.reply else []
        return found + ([str(Verb(one.verb).label)] if one.verb else [])

    def _reply_act(self, name: str) -> str:
        if self.address:
            return _("Reply by e-mail to %(address)s: %(name)s") % {"address": self.address, "name": name}
        return _("Reply logged as sent: %(name)s") % {"name": name}

    @property
    def stopped(self) -> list[dict[str, Any]]:
        """What the reply asks for although it is known."""
        return fact_lines(self.prepared.asks_known, self.context) if self.prepared else []

    @property
    def gaps(self) -> str:
        """What is to be filled in."""
        return listed(dict.fromkeys(gaps_in(f"{self.data.get('note', '')} {self.data.get('text', '')}")))

    @property
    def submit(self) -> str:
        """What the button does now."""
        return _("Do all of it") if self.chosen else _("Show what it does")

    def used(self) -> actions.Used | None:
        """What the reply was made from."""
        data = self.cleaned_data
        if self.prepared is None:
            return None
        return actions.Used(self.prepared.version.pk, data["language"], data["ask_reason"])


def macro_form(context: Context, data: QueryDict | None) -> forms.Form:
    """Which macro, and what it would do."""
    return SeenMacroForm(data, context=context)


def run_macro(context: Context, form: forms.Form) -> Done:
    """Do it."""
    if not isinstance(form, SeenMacroForm) or form.chosen is None:
        raise TypeError("not a macro")
    data = form.cleaned_data
    actions.run_macro(
        actor=context.actor,
        ref=context.case.pk,
        macro_id=form.chosen.pk,
        note=data["note"],
        text=data["text"],
        used=form.used(),
        expected_version=data["version"],
        expected_macro=form.chosen.version,
        expected_address=form.address,
        duties=form.answered,
        reason=data["reason"],
    )
    return Done(_("%(name)s: done") % {"name": form.chosen.label})
