"""Conditions as a picture: one node for what is one condition, the path that decides, the strip that counts."""

from __future__ import annotations

from typing import Any

from engine.determination import Reason
from web.site.condition_picture import Node, picture


def reason(node: str, kind: str = "condition", status: str = "satisfied", **more: Any) -> Reason:
    """A reason as the engine gives it."""
    told: dict[str, Any] = {"label": f"条件{node}", "decisive": True, **more}
    return Reason(node=node, kind=kind, status=status, **told)  # type: ignore[arg-type]


def only(*reasons: Reason) -> Node:
    """The one node of a picture."""
    [found] = picture([reason("1", "all", label="以下全部满足"), *reasons]).nodes
    return found


def test_the_group_around_everything_is_no_node() -> None:
    drawn = picture([reason("1", "all", label="以下全部满足"), reason("1.1"), reason("1.2", status="unknown")])
    assert [(node.label, node.status, node.word, node.join) for node in drawn.nodes] == [
        ("条件1.1", "satisfied", "满足", None),
        ("条件1.2", "unknown", "未知", None),
    ]
    assert drawn.strip == ("satisfied", "unknown")
    assert drawn.counts == (("satisfied", "满足", 1), ("unknown", "未知", 1))


def test_alternatives_keep_their_parts_and_which_of_them_decides() -> None:
    node = only(
        reason("1.1", "any", label="以下任一满足"),
        reason("1.1.1", status="not_satisfied", decisive=False),
        reason("1.1.2"),
    )
    assert (node.join, [part.decides for part in node.parts]) == ("any", [False, True])


def test_a_negated_condition_is_one_condition() -> None:
    named = only(
        reason("1.1", "not", label="机构注册在廊坊市以外"),
        reason("1.1.1", status="not_satisfied", label="注册地位于廊坊市", value="北京市海淀区"),
    )
    assert (named.label, named.status, named.value, named.parts) == ("机构注册在廊坊市以外", "satisfied", "北京市海淀区", ())
    nameless = only(reason("1.1", "not", label="以下不成立"), reason("1.1.1", status="not_satisfied", label="有失信记录"))
    assert (nameless.label, nameless.status) == ("不是：有失信记录", "satisfied")


def test_a_negated_group_keeps_its_parts() -> None:
    node = only(
        reason("1.1", "not", label="以下不成立"),
        reason("1.1.1", "any", label="以下任一满足", status="not_satisfied"),
        reason("1.1.1.1", status="not_satisfied"),
        reason("1.1.1.2", status="not_satisfied"),
    )
    assert (node.join, node.parts[0].join, len(node.parts[0].parts)) == ("not", "any", 2)


def test_a_doubted_condition_is_one_condition_with_its_doubt() -> None:
    node = only(
        reason("1.1", "any", "judgement", label="属于研发单位", open=True),
        reason("1.1.1", status="not_satisfied", value="企业", note="按名称判断"),
        reason("1.1.2", "judgement", "judgement", judgement="m~applicant_kinds"),
    )
    assert (node.word, node.value, node.parts) == ("待认定", "企业", ())
    assert node.tags == ("清单以“等”结尾，是否包括由部门判断",)
    assert node.notes == ("按名称判断",)


def test_what_is_inferred_assumed_or_derived_is_said() -> None:
    node = only(
        reason(
            "1.1", inferred=True, assumed=True, why="文件没有写", note="2023年未填", derivation="由规则推导：规模", parameter="上限：A"
        )
    )
    assert node.tags == ("推断", "按此处理")
    assert node.notes == ("2023年未填", "由规则推导：规模", "上限：A", "理由：文件没有写")
