"""Jurisdictions of the demo with terms of their law, as examples, and complaints under them."""

from datetime import date, datetime, timedelta

from escalations.actions import add_jurisdiction, regulate, set_term
from escalations.choices.statutory import DayUnit, Duty
from escalations.queries.statutory import live_jurisdictions
from portal.accounts.rules import SYSTEM, Actor

#: One open case in so many is a regulated complaint.
EVERY = 40
_FROM = date(2020, 1, 1)
_PAYMENTS = "https://eur-lex.europa.eu/eli/dir/2015/2366/oj"


def build_law(calendars: dict[str, int]) -> None:
    """Portugal, where complaints about payments have a holding reply and a final one, and China, where they are acknowledged."""
    portugal = add_jurisdiction(actor=SYSTEM, code="pt", name="Portugal", name_zh="葡萄牙", calendar_id=calendars["eu"])
    for duty, amount in ((Duty.INTERIM, 15), (Duty.FINAL, 35)):
        set_term(
            actor=SYSTEM,
            jurisdiction_id=portugal.pk,
            duty=duty.value,
            amount=amount,
            unit=DayUnit.WORKING.value,
            next_day=True,
            rolls=False,
            basis="Directive (EU) 2015/2366, Art. 101(2)",
            basis_zh="欧盟指令 (EU) 2015/2366 第 101 条第 2 款",
            link=_PAYMENTS,
            valid_from=_FROM,
        )
    china = add_jurisdiction(
        actor=SYSTEM, code="cn", name="Mainland China", name_zh="中国大陆", calendar_id=calendars["cn"]
    )
    set_term(
        actor=SYSTEM,
        jurisdiction_id=china.pk,
        duty=Duty.ACKNOWLEDGEMENT.value,
        amount=7,
        unit=DayUnit.WORKING.value,
        next_day=True,
        rolls=False,
        basis="Interim Measures for Handling Market Regulation Complaints and Reports, Art. 14",
        basis_zh="《市场监督管理投诉举报处理暂行办法》第十四条",
        valid_from=_FROM,
    )


def complain(actor: Actor, ref: int, number: int, at: datetime) -> None:
    """The case is a complaint that somebody recognised when it was opened, an hour after it came."""
    known = {one.code: one.pk for one in live_jurisdictions()}
    code = "pt" if number % (2 * EVERY) < EVERY else "cn"
    regulate(
        actor=actor,
        ref=ref,
        jurisdiction_id=known[code],
        received_at=at - timedelta(hours=1),
        complaint_ref=f"R-{number:05d}",
        at=at,
    )
