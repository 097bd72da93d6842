"""The usual KPIs and the components they need besides the built-in ones. They can be changed and archived like any other."""

from datetime import date

from django.db import migrations
from django.db.backends.postgresql.psycopg_any import DateRange

SINCE = DateRange(date(2000, 1, 1), None)

# code, name, Chinese, unit, a stock
COMPONENTS = [
    ("first_contacts", "First contacts", "首次联系", "number", False),
    ("repeats", "Repeats within 7 days", "7 天内重复联系", "number", False),
    ("backlog", "Open at the end of the day", "当日结束未结", "number", True),
    ("solved", "Solved cases", "已解决案件", "number", False),
    ("reopened", "Reopened of the solved", "解决后重开", "number", False),
    ("escalated", "Escalations", "升级", "number", False),
    ("handled_total", "Handled contacts", "处理的联系", "number", False),
    ("leavers", "Leavers", "离职人数", "number", False),
    ("headcount_days", "Headcount, summed over days", "人数（按日累计）", "number", False),
    ("forecast_error", "Absolute forecast error", "预测绝对误差", "number", False),
    ("forecast", "Forecast contacts", "预测联系量", "number", False),
    ("forecast_actual", "Contacts that were forecast", "已预测的实际联系量", "number", False),
    ("sla_met", "Cases in time", "按时案件", "number", False),
    ("sla_due", "Cases due", "到期案件", "number", False),
    ("ready", "Joiners ready at the first shift", "首班就绪新人", "number", False),
    ("joiners", "Joiners", "新人", "number", False),
]

IN_T = {"variant": "f4", "threshold_seconds": 20}
# code, name, Chinese, unit, direction, decimals, numerator, denominator, scale, roll_up, interval, sample, parameters
KPIS = [
    ("service-level", "Service level", "服务水平", "percent", "up", 1,
     {"answered_in_t": "1"}, {"answered": "1", "abandoned": "1", "abandoned_in_t": "-1"}, 1, "ratio", "wilson", "offered", IN_T),
    ("service-level-f1", "Service level, abandons in time credited", "服务水平（及时放弃计入）", "percent", "up", 1,
     {"answered_in_t": "1", "abandoned_in_t": "1"}, {"answered": "1", "abandoned": "1"}, 1, "ratio", "wilson", "offered",
     {**IN_T, "variant": "f1"}),
    ("service-level-f2", "Service level, answered only", "服务水平（仅已接）", "percent", "up", 1,
     {"answered_in_t": "1"}, {"answered": "1"}, 1, "ratio", "wilson", "answered", {**IN_T, "variant": "f2"}),
    ("service-level-f3", "Service level, all offered", "服务水平（全部来话）", "percent", "up", 1,
     {"answered_in_t": "1"}, {"answered": "1", "abandoned": "1"}, 1, "ratio", "wilson", "offered", {**IN_T, "variant": "f3"}),
    ("service-level-f5", "Service level, short abandons credited", "服务水平（短放弃计入）", "percent", "up", 1,
     {"answered_in_t": "1", "short_abandoned": "1"}, {"answered": "1", "abandoned": "1"}, 1, "ratio", "wilson", "offered",
     {**IN_T, "variant": "f5", "short_seconds": 5}),
    ("asa", "Average speed of answer", "平均应答时间", "seconds", "down", 0,
     {"wait": "1"}, {"answered": "1"}, 1, "ratio", "none", "answered", {}),
    ("abandonment", "Abandonment", "放弃率", "percent", "down", 1,
     {"abandoned": "1", "short_abandoned": "-1"}, {"offered": "1", "short_abandoned": "-1"}, 1, "ratio", "wilson", "offered",
     {"short_seconds": 5}),
    ("aht", "Average handling time", "平均处理时长", "seconds", "band", 0,
     {"talk": "1", "hold": "1", "wrap": "1"}, {"handled": "1"}, 1, "ratio", "none", "handled", {}),
    ("occupancy", "Occupancy", "占用率", "percent", "band", 1,
     {"handle": "1"}, {"handle": "1", "available": "1"}, 1, "ratio", "none", "", {}),
    ("utilisation", "Utilisation", "利用率", "percent", "up", 1,
     {"handle": "1", "available": "1"}, {"paid": "1"}, 1, "ratio", "none", "", {}),
    ("shrinkage", "Shrinkage", "损耗率", "percent", "down", 1,
     {"paid": "1", "productive": "-1"}, {"paid": "1"}, 1, "ratio", "none", "", {}),
    ("shrinkage-planned", "Planned shrinkage", "计划损耗率", "percent", "down", 1,
     {"planned_absence": "1"}, {"paid": "1"}, 1, "ratio", "none", "", {}),
    ("shrinkage-unplanned", "Unplanned shrinkage", "非计划损耗率", "percent", "down", 1,
     {"unplanned_absence": "1"}, {"paid": "1"}, 1, "ratio", "none", "", {}),
    ("adherence", "Adherence", "遵时率", "percent", "up", 1,
     {"in_adherence": "1"}, {"scheduled": "1"}, 1, "ratio", "none", "", {}),
    ("conformance", "Conformance", "符合率", "percent", "band", 1,
     {"worked": "1"}, {"scheduled": "1"}, 1, "ratio", "none", "", {}),
    ("fcr", "First-contact resolution", "首次解决率", "percent", "up", 1,
     {"first_contacts": "1", "repeats": "-1"}, {"first_contacts": "1"}, 1, "ratio", "wilson", "first_contacts",
     {"window_days": 7}),
    ("nps", "NPS", "NPS", "points", "up", 0,
     {"promoters": "1", "detractors": "-1"}, {"nps_responses": "1"}, 100, "ratio", "adjusted_wald", "nps_responses", {}),
    ("csat", "CSAT", "满意度", "percent", "up", 1,
     {"satisfied": "1"}, {"csat_responses": "1"}, 1, "ratio", "wilson", "csat_responses", {}),
    ("qa", "QA score", "质检得分", "percent", "up", 1,
     {"qa_points": "1"}, {"qa_possible": "1"}, 1, "ratio", "none", "evaluations", {}),
    ("qa-critical", "Critical errors", "严重差错率", "percent", "down", 1,
     {"critical_errors": "1"}, {"evaluations": "1"}, 1, "ratio", "wilson", "evaluations", {}),
    ("productivity", "Productivity", "生产率", "per_hour", "up", 2,
     {"agent_handled": "1"}, {"productive": "1"}, 3600, "ratio", "none", "agent_handled", {}),
    ("backlog", "Backlog", "积压", "number", "down", 0,
     {"backlog": "1"}, {}, 1, "last", "none", "", {}),
    ("reopen-rate", "Reopen rate", "重开率", "percent", "down", 1,
     {"reopened": "1"}, {"solved": "1"}, 1, "ratio", "wilson", "solved", {"cohort": "solved"}),
    ("escalation-rate", "Escalation rate", "升级率", "percent", "down", 2,
     {"escalated": "1"}, {"handled_total": "1"}, 1, "ratio", "wilson", "handled_total", {}),
    ("attrition", "Attrition, annualised", "年化流失率", "percent", "down", 1,
     {"leavers": "365"}, {"headcount_days": "1"}, 1, "ratio", "none", "", {"window": "12 months"}),
    ("forecast-error", "Forecast error (WAPE)", "预测误差（WAPE）", "percent", "down", 1,
     {"forecast_error": "1"}, {"forecast_actual": "1"}, 1, "ratio", "none", "", {}),
    ("forecast-bias", "Forecast bias", "预测偏差", "percent", "band", 1,
     {"forecast": "1", "forecast_actual": "-1"}, {"forecast_actual": "1"}, 1, "ratio", "none", "", {}),
    ("case-sla", "Escalations in time", "升级案件按时率", "percent", "up", 1,
     {"sla_met": "1"}, {"sla_due": "1"}, 1, "ratio", "wilson", "sla_due", {}),
    ("readiness", "Ready at the first shift", "首班就绪率", "percent", "up", 1,
     {"ready": "1"}, {"joiners": "1"}, 1, "ratio", "wilson", "joiners", {}),
]  # fmt: skip


def make(apps, schema_editor):
    Component = apps.get_model("kpis", "Component")
    Kpi = apps.get_model("kpis", "Kpi")
    KpiVersion = apps.get_model("kpis", "KpiVersion")
    for code, name, name_zh, unit, stock in COMPONENTS:
        Component.objects.create(code=code, name=name, name_zh=name_zh, unit=unit, stock=stock)
    for place, row in enumerate(KPIS, 1):
        code, name, name_zh, unit, direction, decimals, top, bottom, scale, roll_up, interval, sample, parameters = row
        kpi = Kpi.objects.create(
            code=code, name=name, name_zh=name_zh, unit=unit, direction=direction, decimals=decimals, position=place * 10
        )
        KpiVersion.objects.create(
            kpi=kpi, number=1, period=SINCE, numerator=top, denominator=bottom, scale=scale, roll_up=roll_up,
            interval=interval, sample=sample, parameters=parameters,
        )


class Migration(migrations.Migration):
    dependencies = [("kpis", "0003_what_never_changes")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
