"""Enterprises of which something will be lost, for tests of watching: today is 2026-11-22."""

from __future__ import annotations

from typing import Any

HNTE = "国家高新技术企业"
ANNUAL = {"fiscal_year": 2025, "revenue": "3000万元", "rd_expense": "200万元", "staff": 60, "assets": "2000万元"}


def enterprise(name: str, **more: Any) -> dict[str, Any]:
    """A software firm in Tongzhou."""
    return {
        "name": name,
        "applicant_kinds": ["企业"],
        "registered_division": "北京市通州区",
        "operating_division": "北京市通州区",
        "industry": "I65",
        "staff_total": 60,
        "annuals": [ANNUAL],
        "recognitions": [],
        **more,
    }


def expiring(name: str, day: str, **more: Any) -> dict[str, Any]:
    """One whose title as a high-tech enterprise ends on a day."""
    return enterprise(name, recognitions=[{"id": "高企", "kind": HNTE, "tier": "国家级", "issued": "2023-12-01", "expires": day}], **more)
