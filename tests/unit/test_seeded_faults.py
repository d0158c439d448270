"""Every seeded fault is found by verification, by a committed case or by the citation lock; the page says by which."""

from __future__ import annotations

import pytest

pytest.importorskip("z3")

from tests.faults import TABLE, faults, table

KINDS = {
    "漏掉一个条件", "“不低于”写成“高于”", "1‰写成1%", "上限写错", "两档金额对调", "级次写错", "不会出现的选项",
    "推导成环", "分档之间有空档", "终止日写错", "“并且”写成“或者”", "漏掉“不”",
}  # fmt: skip
"""The faults that authors are known to make."""


def test_every_known_kind_is_sown() -> None:
    assert {fault.kind for fault in faults()} >= KINDS
    assert len({fault.id for fault in faults()}) == len(faults())


@pytest.mark.slow
def test_no_fault_goes_unnoticed() -> None:
    page = table()
    assert "，0 处没有被发现。" in page
    assert page == TABLE.read_text("utf-8"), "python -m tests.faults"
