"""What the timeline says: codes with parameters, as sentences in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.choices import Channel, Reject, Sensitivity, Severity, Signal, State
from escalations.choices.briefs import BriefLevel
from escalations.choices.facts import label_of
from escalations.choices.statutory import metric_label
from escalations.wording_handing import SENTENCES as HANDING
from escalations.wording_law import SENTENCES as LAW
from escalations.wording_links import SENTENCES as LINKS
from portal.audit.wording import listed, statements
from portal.naming import in_language

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the users, services and cases that sentences mention, by id."""

    users: Mapping[int, str] = field(default_factory=dict)
    services: Mapping[int, str] = field(default_factory=dict)
    cases: Mapping[int, str] = field(default_factory=dict)

    def user(self, pk: object) -> str:
        """The name of a user; "nobody" for none."""
        return self.users.get(pk, "?") if isinstance(pk, int) else _("nobody")

    def service(self, pk: object) -> str:
        """The name of a service."""
        return self.services.get(pk, "?") if isinstance(pk, int) else "?"

    def case(self, pk: object) -> str:
        """The reference of a case; empty for one that the reader may not see."""
        return self.cases.get(pk, "") if isinstance(pk, int) else ""


Sentence = Callable[[Params, Names], str]


def _label(choices: type[TextChoices], value: object) -> str:
    """The label of a value; the value itself when it is not (or no longer) known."""
    return str(choices(value).label) if value in choices.values else str(value)


def _severity(value: object) -> str:
    return Severity(value).label if value in Severity.values else str(value)


def _opened(p: Params, n: Names) -> str:
    return _("Opened as %(severity)s") % {"severity": _severity(p.get("severity"))}


def _state(p: Params, n: Names) -> str:
    words = {"from": _label(State, p.get("from")), "to": _label(State, p.get("to"))}
    if p.get("reject_reason"):
        return _("Rejected: %(why)s") % {"why": _label(Reject, p["reject_reason"])}
    if p.get("auto"):
        return _("%(from)s → %(to)s, by itself") % words
    return _("%(from)s → %(to)s") % words


def _severity_changed(p: Params, n: Names) -> str:
    words = {"from": _severity(p.get("from")), "to": _severity(p.get("to"))}
    signals = listed(_label(Signal, one) for one in p.get("signals", ()))
    if p.get("overridden"):
        return _("Severity %(from)s → %(to)s, set by hand") % words
    if signals:
        return _("Severity %(from)s → %(to)s: %(signals)s") % {**words, "signals": signals}
    return _("Severity %(from)s → %(to)s") % words


def _assigned(p: Params, n: Names) -> str:
    if p.get("to") is None:
        return _("Taken off %(from)s, now unassigned") % {"from": n.user(p.get("from"))}
    if p.get("from") is None:
        return _("Assigned to %(to)s") % {"to": n.user(p.get("to"))}
    return _("Assigned to %(to)s instead of %(from)s") % {"to": n.user(p.get("to")), "from": n.user(p.get("from"))}


def _service(p: Params, n: Names) -> str:
    return _("Handed over from %(from)s to %(to)s") % {"from": n.service(p.get("from")), "to": n.service(p.get("to"))}


def _sensitivity(p: Params, n: Names) -> str:
    return _("Sensitivity %(from)s → %(to)s") % {
        "from": _label(Sensitivity, p.get("from")),
        "to": _label(Sensitivity, p.get("to")),
    }


def _granted(p: Params, n: Names) -> str:
    return _("Access granted to %(user)s") % {"user": n.user(p.get("user"))}


def _revoked(p: Params, n: Names) -> str:
    return _("Access withdrawn from %(user)s") % {"user": n.user(p.get("user"))}


def _kept(p: Params, n: Names) -> str:
    return _("%(user)s keeps access") % {"user": n.user(p.get("user"))}


def _access_ended(p: Params, n: Names) -> str:
    return _("Access ended with the restriction: %(user)s") % {"user": n.user(p.get("user"))}


def _break_glass(p: Params, n: Names) -> str:
    minutes = int(p.get("minutes", 0))
    text = ngettext("%(user)s broke the glass for %(n)d minute", "%(user)s broke the glass for %(n)d minutes", minutes)
    return text % {"user": n.user(p.get("user")), "n": minutes}


def _reviewed(p: Params, n: Names) -> str:
    words = {"user": n.user(p.get("user"))}
    if p.get("upheld"):
        return _("Break-glass by %(user)s reviewed: justified") % words
    return _("Break-glass by %(user)s reviewed: not justified") % words


def _clock(p: Params, template: str, **words: object) -> str:
    return template % {"metric": metric_label(str(p.get("metric", ""))), **words}


def _warned(p: Params, n: Names) -> str:
    return _clock(p, _("%(metric)s: %(percent)s%% of the time used"), percent=p.get("percent"))


def _breached(p: Params, n: Names) -> str:
    return _clock(p, _("%(metric)s breached"))


def _escalated(p: Params, n: Names) -> str:
    return _clock(p, _("%(metric)s breached: escalation level %(level)s told"), level=p.get("level"))


def _acknowledged(p: Params, n: Names) -> str:
    return _clock(p, _("Breach acknowledged: %(metric)s"))


def _raised(p: Params, n: Names) -> str:
    return _("Escalated to level %(level)s") % {"level": p.get("level")}


def _fact(p: Params, about: str, alone: str) -> str:
    key = str(p.get("key") or "")
    return about % {"key": label_of(key)} if key else alone


def _fact_recorded(p: Params, n: Names) -> str:
    return _fact(p, _("Known fact: %(key)s"), _("Known fact"))


def _fact_corrected(p: Params, n: Names) -> str:
    return _fact(p, _("Known fact corrected: %(key)s"), _("Known fact corrected"))


def _fact_withdrawn(p: Params, n: Names) -> str:
    return _fact(p, _("No longer true: %(key)s"), _("A known fact is no longer true"))


def _playbook_begun(p: Params, n: Names) -> str:
    return _("Playbook: %(name)s, version %(number)s") % {"name": _either(p, "name"), "number": p.get("number")}


def _step(p: Params, template: str, answered: str = "") -> str:
    words = {"step": _either(p, "title"), "answer": _either(p, "answer")}
    return (answered if answered and words["answer"] else template) % words


def _step_done(p: Params, n: Names) -> str:
    return _step(p, _("Step done: %(step)s"), _("Step done: %(step)s – %(answer)s"))


def _step_undone(p: Params, n: Names) -> str:
    return _step(p, _("Step open again: %(step)s"))


def _step_skipped(p: Params, n: Names) -> str:
    return _step(p, _("Step skipped: %(step)s"))


def _either(p: Params, key: str) -> str:
    """A configured text that was kept in both languages."""
    return in_language(str(p.get(key, "")), str(p.get(f"{key}_zh", "")))


def _brief_given(p: Params, n: Names) -> str:
    words = {"number": p.get("version"), "level": _label(BriefLevel, p.get("level")), "name": n.user(p.get("user"))}
    if p.get("user") is None:
        return _("Copy of brief version %(number)s for a reader outside the portal: %(level)s") % words
    return _("Copy of brief version %(number)s for %(name)s: %(level)s") % words


def _import_opened(p: Params, n: Names) -> str:
    return _("Opened in %(source)s") % {"source": p.get("source", "?")}


def _import_event(p: Params, n: Names) -> str:
    """What the source changed, in its own words where it has no word here."""
    parts = [_change(*one) for one in p.get("changes", ()) if len(one) == 3]
    what = statements(parts) or _("Updated")
    return _("%(what)s (%(by)s)") % {"what": what, "by": p["by"]} if p.get("by") else what


def _change(name: object, before: object, after: object) -> str:
    label = _fields().get(str(name), str(name))
    shown = [_value(str(name), value) for value in (before, after)]
    if before is None:
        return _("%(field)s: %(to)s") % {"field": label, "to": shown[1]}
    return _("%(field)s: %(from)s → %(to)s") % {"field": label, "from": shown[0], "to": shown[1]}


def _value(name: str, value: object) -> str:
    if name == "state":
        return _label(State, value)
    if name == "channel":
        return _label(Channel, value)
    return _severity(value) if name == "severity" else str(value)


def _fields() -> dict[str, str]:
    return {
        "state": _("State"),
        "severity": _("Severity"),
        "service": _("Service"),
        "site": _("Site"),
        "issue_type": _("Issue type"),
        "channel": _("Channel"),
        "reopen_count": _("Reopened"),
        "reassign_count": _("Reassigned"),
    }


SENTENCES: Final[Mapping[str, Sentence]] = {
    "opened": _opened,
    "note.added": lambda p, n: _("Note"),
    "note.reason": lambda p, n: _("Reason"),
    "contact.logged": lambda p, n: _("Contact"),
    "state.changed": _state,
    "severity.changed": _severity_changed,
    "assignment.changed": _assigned,
    "service.changed": _service,
    "sensitivity.changed": _sensitivity,
    "grant.given": _granted,
    "grant.kept": _kept,
    "grant.revoked": _revoked,
    "grant.ended": _access_ended,
    "grant.break_glass": _break_glass,
    "grant.reviewed": _reviewed,
    "details.changed": lambda p, n: _("Details corrected"),
    "entry.redacted": lambda p, n: _("Words of an entry removed"),
    "brief.made": lambda p, n: _("Brief written: version %(number)s") % {"number": p.get("version")},
    "brief.given": _brief_given,
    "clock.warned": _warned,
    "clock.breached": _breached,
    "clock.escalated": _escalated,
    "clock.acknowledged": _acknowledged,
    "evidence.asked": lambda p, n: _("Evidence pack asked for"),
    **LAW,
    "escalation.raised": _raised,
    **LINKS,
    "fact.recorded": _fact_recorded,
    "fact.corrected": _fact_corrected,
    "fact.withdrawn": _fact_withdrawn,
    "playbook.begun": _playbook_begun,
    "playbook.ended": lambda p, n: _("No playbook any more"),
    "step.done": _step_done,
    "step.undone": _step_undone,
    "step.skipped": _step_skipped,
    **HANDING,
    "import.opened": _import_opened,
    "import.event": _import_event,
}


def sentence(code: str, params: Params, names: Names) -> str:
    """What an entry says. A code that nobody knows shows as itself, so that a stream never fails."""
    found = SENTENCES.get(code)
    return found(params, names) if found else code
