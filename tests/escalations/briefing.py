"""A case with a word of its own in every place that a brief might draw from, and briefs of it."""

from decimal import Decimal
from typing import Any, Final

from escalations import actions
from escalations.models import Brief, Case
from escalations.queries import briefs as known
from escalations.rules.briefs.building import Exposure
from tests.escalations.pages_world import World, issue_tree

#: Where each word stands, and the levels that may tell it.
SECRETS: Final = {
    "zqsubject": {"full"},
    "zqcustomerref": {"full"},
    "zqhint": set(),
    "zqcard": set(),
    "zqnote": set(),
    "zqshared": set(),
    "zqtold": {"full"},
    "zqidentity": {"full"},
    "zqchecked": {"full", "internal"},
    "zqcontact": {"full"},
    "zqsituation": {"full"},
    "zqneutral": {"internal", "outside"},
    "zqlegal": {"full", "internal"},
    "zqreach": {"full", "internal"},
    "zqnext": {"full", "internal", "outside"},
    "4,812.50": {"full", "internal"},
    "1,000 to under 10,000 EUR": {"outside"},
    "Service Lead": {"full"},
    "Associate": {"full"},
    "Social media": {"full", "internal"},
    "Chengdu": {"full", "internal"},
    "Locked out": {"full", "internal", "outside"},
}


def rich_case(here: World, **more: Any) -> Case:
    """The case, assigned, talked about and known of."""
    issue = issue_tree()
    case = here.case("zqsubject", customer_ref="zqcustomerref", contact_hint="zqhint", issue_type_id=issue.pk, **more)
    lead, who = here.actor("service_lead"), here.actor("associate")
    actions.add_note(actor=who, ref=case.pk, text="zqnote", shared=False)
    actions.add_note(actor=who, ref=case.pk, text="zqshared", shared=True)
    actions.record_fact(actor=who, ref=case.pk, key="booking", text="zqtold", source="customer")
    actions.record_fact(actor=who, ref=case.pk, key="identity", text="zqidentity", source="checked")
    actions.record_fact(actor=who, ref=case.pk, key="safety", text="zqchecked", source="checked")
    actions.keep_card(actor=who, ref=case.pk, values={"preferred_name": "zqcard"}, source="customer")
    actions.log_contact(
        actor=who, ref=case.pk, channel="phone", direction="out", outcome="reached", text="zqcontact said so"
    )
    actions.assign(actor=lead, ref=case.pk, owner_id=here.users["associate"].pk)
    return case


def said(case: Case, **changes: Any) -> actions.Writing:
    """What a writer says of it: everything, with all facts and doings."""
    values: dict[str, Any] = {
        "language": "en",
        "situation": "zqsituation",
        "neutral": "zqneutral",
        "facts": [one.entry for one in known.facts_for_brief(case)][:6],
        "deeds": [one.entry for one in known.deeds_for_brief(case)][:6],
        "exposure": Exposure(Decimal("4812.50"), "EUR", 2, "claim", "zqlegal", "press", "zqreach"),
        "next_step": "zqnext",
        "who": case.owner_id,
    }
    return actions.Writing(**(values | changes))


def written(here: World, case: Case, who: str = "service_lead", **changes: Any) -> Brief:
    """A version of its brief."""
    case.refresh_from_db()
    return actions.write_brief(actor=here.actor(who), ref=case.pk, writing=said(case, **changes))
