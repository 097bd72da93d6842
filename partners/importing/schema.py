"""What a mapping of rosters may say, besides what every mapping has, and the guess at one from a heading."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _
from marshmallow import ValidationError, fields, validate, validates_schema

from portal.imports.errors import ImportRefused
from portal.imports.mapping import BaseMappingSchema, Mapping, build_mapping

from ..rules.rosters import same_name

KNOWN: Final = (
    "name", "preferred_name", "email", "language", "employee_number", "job_role", "programme", "team", "lead",
    "first_day", "last_day",
)  # fmt: skip
DATES: Final = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y年%m月%d日",
)  # fmt: skip
KEY: Final = "key"
# The columns of the template, and what else they are called. The first name is the template's.
HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    KEY: ("employee_no", "employee number", "employee no.", "employee id", "emp no", "emp id", "staff id", "staff no",
          "badge", "id", "user id", "工号", "员工号", "员工编号", "员工工号", "人员编号"),
    "name": ("name", "full name", "employee name", "agent", "agent name", "姓名", "员工姓名", "名字"),
    "preferred_name": ("preferred_name", "nickname", "known as", "english name", "常用名", "昵称", "英文名", "花名"),
    "email": ("email", "e-mail", "mail", "email address", "work email", "邮箱", "电子邮箱", "电子邮件", "邮件", "工作邮箱"),
    "language": ("language", "语言"),
    "job_role": ("job_role", "role", "job role", "position", "job title", "title", "岗位", "职位", "职务", "角色"),
    "programme": ("programme", "program", "line of business", "lob", "project", "campaign", "项目", "业务线", "业务"),
    "team": ("team", "group", "team name", "squad", "小组", "班组", "团队", "组别", "组"),
    "lead": ("lead", "team lead", "team leader", "supervisor", "manager", "reports to", "班组长", "组长", "主管", "上级",
             "直属上级", "直接上级"),
    "first_day": ("first_day", "first shift", "start date", "first day", "start", "hire date", "joining date", "入职日期",
                  "首班日期", "上岗日期", "开始日期", "到岗日期"),
    "last_day": ("last_day", "last shift", "end date", "last day", "leaving date", "exit date", "离职日期", "最后工作日",
                 "结束日期"),
}  # fmt: skip
TEMPLATE: Final = tuple(names[0] for names in HEADINGS.values())


class RosterMappingSchema(BaseMappingSchema):
    """One row per person. `identity`: what the key is, another system's id or the site's employee number."""

    identity = fields.Str(load_default="employee_number", validate=validate.OneOf(["external_id", "employee_number"]))
    dates = fields.List(fields.Str(), load_default=list(DATES), validate=validate.Length(min=1, max=12))

    @validates_schema
    def _known(self, data: dict[str, Any], **_kwargs: Any) -> None:
        names = set(data.get("fields_", {}))
        if unknown := names - set(KNOWN):
            raise ValidationError(f"unknown: {', '.join(sorted(unknown))}", "fields")
        if "name" not in names:
            raise ValidationError("missing: name", "fields")


def roster_mapping(raw: dict[str, Any]) -> Mapping:
    """A mapping as it was kept with its roster. Raises ImportRefused."""
    return build_mapping(raw, RosterMappingSchema)


def check_heading(mapping: Mapping, heading: Sequence[str]) -> None:
    """Raises ImportRefused naming the columns that the mapping requires and the file lacks, or that nobody can be known by."""
    required = {column for field in mapping.fields.values() if field.required for column in field.columns}
    if missing := required - set(heading):
        names = {"missing": ", ".join(sorted(missing)), "found": _listed(heading)}
        raise ImportRefused(_("The file has no column %(missing)s. It has: %(found)s.") % names)
    email = mapping.fields.get("email")
    known_by = [column for column in (mapping.key, *(email.columns if email else ())) if column]
    if not set(known_by) & set(heading):
        names = {"missing": " / ".join(known_by), "found": _listed(heading)}
        raise ImportRefused(_("The file has no column to know people by: %(missing)s. It has: %(found)s.") % names)


def _listed(heading: Sequence[str]) -> str:
    return ", ".join(heading[:20])


def absent(mapping: Mapping, heading: Sequence[str]) -> list[str]:
    """Columns that the mapping names and the file lacks."""
    return sorted(mapping.columns() - {"", *heading})


def in_file(mapping: Mapping, heading: Sequence[str]) -> Mapping:
    """The mapping without what the file lacks: of that the file says nothing, so what is known stays."""
    there = set(heading)
    fields = {
        name: replace(field, columns=tuple(column for column in field.columns if column in there))
        for name, field in mapping.fields.items()
        if not field.columns or there & set(field.columns)
    }
    return replace(mapping, fields=fields)


def guess(heading: Sequence[str]) -> dict[str, str]:
    """Which column may hold which field, by its name; what is not recognised is left out."""
    plain = {_plain(column): column for column in reversed(heading)}
    found: dict[str, str] = {}
    for field, names in HEADINGS.items():
        column = next((plain[p] for name in names if (p := _plain(name)) in plain), None)
        if column is not None and column not in found.values():
            found[field] = column
    return found


def _plain(name: str) -> str:
    return same_name(name).replace("_", " ").replace("-", " ").strip(" *:：")


def mapping_from(columns: dict[str, str], *, create: bool) -> dict[str, Any]:
    """The mapping that a browser's choice of columns comes to; `create`: teams and programmes may be new."""
    found: dict[str, Any] = {name: {"column": column} for name, column in columns.items() if name != KEY and column}
    for name in ("programme", "team"):
        if name in found and create:
            found[name]["create"] = True
    found["job_role"] = {**found.get("job_role", {}), "default": "AGENT"}
    return {"source": "roster", "identity": "employee_number", "key": columns.get(KEY, ""), "fields": found}
