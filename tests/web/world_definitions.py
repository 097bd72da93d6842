"""A KPI with its formula, and a component, for the addresses of definitions."""

from typing import Any


def definitions_args() -> dict[str, dict[str, Any]]:
    """One of those that every installation begins with."""
    return {
        "kpi": {"code": "attrition"},
        "kpi_version": {"code": "attrition", "number": 1},
        "component": {"code": "leavers"},
    }
