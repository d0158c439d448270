"""Which sentences become an entry: what is granted does; conditions, definitions and arrangements do not."""

from __future__ import annotations

import pytest

from engine.drafting import draft_of

TEXTS = [
    (
        "一、支持范围\n（一）技术改造。对设备投资500万元以上的企业，给予5%的补助。\n（二）并购。并购重组的企业，给予一次性奖励。\n"
        "二、政策兑现\n年底前申报奖励资料，次年兑付奖励。\n三、其他规定\n奖励政策与上级规定不一致的，按上级规定执行。",
        [("一(一)", True), ("一(二)", True)],
    ),
    (
        "第一条 为鼓励投资，结合我县实际，制定本优惠办法。\n第二条 本办法所称企业，是指享受优惠的法人。\n"
        "第三条 申请项目应当符合以下条件：\n（一）投资1000万元以上；\n（二）新增就业100人以上。\n"
        "第四条 给予下列奖励：\n（一）厂房租金减免1年；\n（二）奖励10万元。",
        [("第四条(一)", True), ("第四条(二)", True)],
    ),
    (
        "第一条 科技贡献奖授予符合下列条件之一的个人：\n（一）取得重大突破的；\n（二）创造重大效益的。",
        [("第一条", True)],
    ),
    ("一、使用原则\n坚持注重实效的奖励原则。\n二、品种引进\n给予不低于引进成本10%的资金支持。", [("二", True)]),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=range(len(TEXTS)))
def test_entries(text: str, expected: list[tuple[str, bool]]) -> None:
    draft = draft_of(f"某县支持企业发展办法\n{text}\n", "moxian-2020")
    assert [(entry.clause.label, entry.promise) for entry in draft.entries] == expected


def test_a_sentence_that_leads_to_conditions_and_pays_stays() -> None:
    draft = draft_of("某县办法\n一、对符合下列条件的企业，给予10万元奖励：\n1.成立满三年；\n2.年纳税50万元以上。\n", "moxian-2020")
    first = draft.entries[0]
    assert (first.clause.label, [figure.text for figure in first.figures]) == ("一", ["10万元"])
