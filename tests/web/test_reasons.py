"""A condition that is not met, and what is so instead, in one line that nobody reads the wrong way round."""

from __future__ import annotations

from typing import Any

import pytest

from engine.determination import Reason
from web.reasons import Branch, sentence


@pytest.mark.parametrize(
    ("label", "more", "line"),
    [
        ("申报主体为外资研发中心", {"value": "企业"}, "申报主体为外资研发中心：实际为企业"),
        ("注册地位于北京市", {"value": "廊坊市"}, "注册地位于北京市：实际为廊坊市"),
        ("外籍：是", {"value": "否"}, "外籍：是（实际为否）"),
        ("企业规模为小型", {"value": "小型或中型", "status": "unknown"}, "企业规模为小型：实际为小型或中型"),
        ("认定类别为协同创新基地", {"value": "未填写", "status": "unknown"}, "认定类别为协同创新基地：未填写"),
        ("认定类别为协同创新基地", {"status": "unknown"}, "认定类别为协同创新基地"),
        ("上年度营业收入不低于2000万元", {"value": "1880万元", "gap": "差120万元"}, "上年度营业收入不低于2000万元：1880万元，差120万元"),
        # What is compared with a bound, and what is met, needs no such word.
        ("从业人数低于50人", {"value": "40人至60人", "status": "unknown"}, "从业人数低于50人：40人至60人"),
        ("申报主体为企业", {"value": "企业", "status": "satisfied"}, "申报主体为企业"),
    ],
)
def test_what_is_so_is_not_taken_for_what_is_asked(label: str, more: dict[str, Any], line: str) -> None:
    told = {"node": "1", "kind": "condition", "label": label, "status": "not_satisfied", "decisive": True, **more}
    assert sentence(Branch(Reason(**told), ())) == line
