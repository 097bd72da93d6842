"""The table in the guide is what the code does, row by row."""

from pathlib import Path

import pytest

from portal.accounts.choices import Role
from portal.accounts.rules import COMPANY_ROLES, PARTNER_ROLES, RIGHTS, Standing

GUIDE = Path(__file__).resolve().parents[2] / "docs/guide/roles.md"
LEAD = "service_lead"
NAMES = {
    "administrator": Role.ADMINISTRATOR,
    "coordinator": Role.COORDINATOR,
    "partner manager": Role.MANAGER,
    "escalations associate": Role.ASSOCIATE,
    "service lead (an associate's membership with the flag)": LEAD,
    "partner lead": Role.PARTNER_LEAD,
    "partner QA": Role.PARTNER_QA,
    "partner agent": Role.AGENT,
    "IT fulfilment": Role.IT,
    "auditor": Role.AUDITOR,
}
# What each row of the guide means in rights, all of them, and by omission what it does not mean.
COORDINATOR = {
    "see_internal", "triage", "assign", "work_case", "raise_case", "follow_case", "directory_read", "directory_write",
    "request_access", "approve_roster", "run_reviews", "see_scorecard",
}  # fmt: skip
ASSOCIATE = {"see_internal", "work_case", "see_confidential", "raise_case", "follow_case", "directory_read"}
TABLE = {
    Role.ADMINISTRATOR: {
        "manage_users", "see_users", "configure", "configure_service", "dead_letters", "read_audit", "see_internal",
        "directory_read", "directory_write",
    },
    Role.COORDINATOR: COORDINATOR,
    Role.MANAGER: COORDINATOR | {"approve"},
    Role.ASSOCIATE: ASSOCIATE,
    LEAD: ASSOCIATE | {"assign", "grant_restricted", "review_break_glass", "configure_service"},
    Role.PARTNER_LEAD: {
        "raise_case", "follow_case", "directory_read", "request_access", "submit_roster", "answer_actions", "see_scorecard",
    },
    Role.PARTNER_QA: {"follow_case", "directory_read", "answer_actions", "score_quality", "see_scorecard"},
    Role.AGENT: {"raise_case", "follow_case"},
    Role.IT: {"fulfil_access"},
    Role.AUDITOR: {"see_users", "read_audit", "read_all", "see_internal", "directory_read", "see_scorecard"},
}  # fmt: skip


def _rows(text: str) -> dict[str, tuple[str, str]]:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    return {name: (scope, may) for name, scope, may in cells if name not in {"role", "---"}}


def _standing(row: str) -> Standing:
    return Standing(Role.ASSOCIATE, service_id=1, is_lead=True) if row == LEAD else Standing(row)


def test_the_guide_has_a_row_for_every_role_and_no_other() -> None:
    assert set(_rows(GUIDE.read_text())) == set(NAMES)
    assert set(NAMES.values()) == {*Role.values, LEAD}


@pytest.mark.shared
def test_the_guide_says_what_was_agreed(shared_dir: Path) -> None:
    agreed, guide = _rows((shared_dir / "knowledge/roles.md").read_text()), _rows(GUIDE.read_text())

    assert set(guide) == set(agreed)
    assert {name: scope for name, (scope, _) in guide.items()} == {name: scope for name, (scope, _) in agreed.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_row_means_these_rights_and_no_other(name: str) -> None:
    row = NAMES[name]
    standing = _standing(row)

    assert {right for right in RIGHTS if standing.may(right)} == TABLE[row]


def test_rights_name_only_roles_that_exist() -> None:
    assert set().union(*RIGHTS.values()) <= {*Role.values, LEAD}
    assert {*Role.values} == COMPANY_ROLES | PARTNER_ROLES
    assert not COMPANY_ROLES & PARTNER_ROLES


def test_a_right_that_does_not_exist_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        Standing(Role.AUDITOR).may("fly")


def test_partners_never_see_what_is_internal_or_confidential() -> None:
    inside = {"see_internal", "see_confidential", "grant_restricted", "read_audit", "manage_users", "configure"}
    assert not any(Standing(role).may(right) for role in PARTNER_ROLES for right in inside)


def test_auditors_only_read() -> None:
    reading = {"see_users", "read_audit", "read_all", "see_internal", "directory_read", "see_scorecard"}
    assert {right for right in RIGHTS if Standing(Role.AUDITOR).may(right)} == reading
