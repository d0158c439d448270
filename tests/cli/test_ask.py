"""``huiqi ask``: the questionnaire, driven through standard input as by a pipe."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import ROOT, Run, shell

DAY = ("--as-of", "2026-11-22")
SMALL = (*DAY, "--measure", "dx25-small-micro-rd-subsidy-application")
PLATFORM = (*DAY, "--measure", "dx25-proof-of-concept-centre-support")


def saved(path: Path) -> object:
    return yaml.safe_load(path.read_text("utf-8"))


def test_asks_until_nothing_matters_and_says_so(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    result = run("ask", *SMALL, "-o", target, input="企业\n大兴区\n小型\n")
    assert result.exit_code == 0, result.output
    assert "问完了：没有回答的资料，无论怎样都不会再改变任何一项的结论。" in result.output
    assert "已有结论 1 项" in result.output and "可享受 1" in result.output
    assert saved(target) == {"applicant_kinds": "企业", "registered_division": "大兴区", "size_class": "小型"}
    assert run("check", target, *SMALL).exit_code == 0


def test_one_answer_may_be_enough(run: Run) -> None:
    result = run("ask", *SMALL, input="银行\n")
    assert result.exit_code == 0
    assert "问完了" in result.output and "不符合 1" in result.output
    assert "第 2 题" not in result.output


@pytest.mark.parametrize("typed", ["1", "企业", "公司", "１"])
def test_options_by_number_by_name_by_synonym(run: Run, tmp_path: Path, typed: str) -> None:
    target = tmp_path / "我.yaml"
    run("ask", *SMALL, "-o", target, input=f"{typed}\n结束\n")
    result = run("check", target, *SMALL, "--format", "json")
    assert result.exit_code == 0
    assert "applicant_kinds" not in result.output.split('"missing"')[1].split("]")[0]


def test_several_options_and_none(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    run("ask", *SMALL, "-o", target, input="1、银行\n结束\n")
    assert saved(target) == {"applicant_kinds": ["company", "银行"]}
    run("ask", *SMALL, "-o", target, "--force", input="没有\n")
    assert saved(target) == {"applicant_kinds": []}


def test_says_what_is_wrong_and_asks_again(run: Run) -> None:
    result = run("ask", *SMALL, input="99\n飞船\n\n银行\n")
    assert "没有第 99 个选项，请写 1 到 22，或写选项的名称" in result.output
    assert "单位类型没有选项“飞船”" in result.output
    assert "请回答；不清楚就写“不清楚”" in result.output
    assert "不符合 1" in result.output


def test_why_help_back_and_not_known(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    result = run("ask", *SMALL, "-o", target, input="为什么\n帮助\n返回\n银行\n")
    assert "支持申请小微企业研发补贴（dx25-small-micro-rd-subsidy-application）" in result.output
    assert result.output.count("直接写回答") == 2
    assert "这是第一题，前面没有了。" in result.output
    undone = run("ask", *SMALL, "-o", target, "--force", input="企业\n返回\n银行\n")
    assert undone.exit_code == 0 and saved(target) == {"applicant_kinds": "银行"}
    unclear = run("ask", *SMALL, input="不清楚\n不知道\n不清楚\n不清楚\n不清楚\n不清楚\n")
    assert "因为有“不清楚”或只有大概范围的回答，还定不下来 1 项。" in unclear.output


def test_an_ambiguous_place_is_asked_in_full(run: Run) -> None:
    result = run("ask", *DAY, "--measure", "dx25-ip-consulting-and-rights-protection-service", input="朝阳区\n北京市朝阳区\n")
    assert "“朝阳区”不止一处，请写全" in result.output
    assert "不符合 1" in result.output


def test_records_are_cards_that_end_when_nothing_more_matters(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    result = run("ask", *PLATFORM, "-o", target, input="有\n概念验证平台\n运营\n大兴区\n有\n中试平台\n没有\n")
    assert "平台和空间 第 2 条" in result.output and "可享受 1" in result.output
    assert saved(target) == {
        "platforms": [{"kind": "概念验证平台", "role": "运营", "division": "大兴区"}, {"kind": "中试平台"}]
    }
    none = run("ask", *PLATFORM, input="没有\n")
    assert "问完了" in none.output and "不符合 1" in none.output


def test_going_back_inside_a_card_begins_the_question_anew(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    run("ask", *PLATFORM, "-o", target, input="有\n概念验证平台\n返回\n没有\n")
    assert saved(target) == {"platforms": []}


def test_a_list_that_may_go_on_is_partial_and_a_blank_is_not_asked_twice(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    result = run("ask", *PLATFORM, "-o", target, input="有\n概念验证平台\n不清楚\n不清楚\n不清楚\n")
    assert "问完了" in result.output
    assert saved(target) == {"platforms": {"partial": True, "items": [{"kind": "概念验证平台"}]}}


@pytest.mark.parametrize("end", ["结束\n", ""])
def test_stopping_on_a_card_keeps_what_is_on_it(run: Run, tmp_path: Path, end: str) -> None:
    target = tmp_path / "我.yaml"
    typed = f"有\n中试平台\n有\n概念验证平台\n{end}"
    result = run("ask", *PLATFORM, "-o", target, input=typed)
    assert result.exit_code == 0
    assert saved(target) == {"platforms": {"partial": True, "items": [{"kind": "中试平台"}, {"kind": "概念验证平台"}]}}


def test_a_year_given_twice_is_refused_on_its_card(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    begun = tmp_path / "有.yaml"
    begun.write_text("applicant_kinds: 企业\nregistered_division: 大兴区\n", "utf-8")
    only = (*DAY, "--measure", "dx25-rd-super-deduction-application")
    result = run("ask", begun, *only, "-o", target, input="有\n2024\n10万\n有\n2024\n20万\n2025\n20万\n没有\n")
    assert "2024年的年度数据写了两次" in result.output and "可享受 1" in result.output
    years = [(item["fiscal_year"], item["rd_expense"]) for item in saved(target)["annuals"]]  # type: ignore[index]
    assert [str(year) for year, _ in years] == ["2024", "2025"]


def test_a_profile_is_taken_up_where_it_ends(run: Run, tmp_path: Path) -> None:
    begun = tmp_path / "我.yaml"
    begun.write_text("name: 甲公司\nregistered_division: 大兴区\nsize_class: 小型\n", "utf-8")
    result = run("ask", begun, *SMALL, "-o", begun, input="企业\n")
    assert result.exit_code == 0 and "甲公司" in result.output
    assert saved(begun) == {
        "name": "甲公司", "registered_division": "大兴区", "size_class": "小型", "applicant_kinds": "企业",
    }  # fmt: skip


def test_the_end_of_the_input_keeps_what_was_said(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    result = run("ask", *SMALL, "-o", target, input="企业\n")
    assert result.exit_code == 0
    assert "还没有问完" in result.output and "不符合" not in result.output.split("还没有问完")[1]
    assert saved(target) == {"applicant_kinds": "企业"}
    empty = run("ask", *SMALL, "-o", target, "--force", input="")
    assert empty.exit_code == 0 and saved(target) == {}


def test_bad_usage_is_one_line_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    there = tmp_path / "有.yaml"
    there.write_text("name: 甲\n", "utf-8")
    taken = run("ask", *SMALL, "-o", there, input="银行\n")
    assert taken.exit_code == 2 and "已经存在" in taken.output
    assert there.read_text("utf-8") == "name: 甲\n"
    assert run("ask", "-", *SMALL, input="").exit_code == 2
    assert run("ask", tmp_path / "无.yaml", *SMALL, input="").exit_code == 2
    wrong = tmp_path / "错.yaml"
    wrong.write_text("registered_division: 某某\n", "utf-8")
    result = run("ask", wrong, *SMALL, input="银行\n")
    assert result.exit_code == 2 and "错.yaml:1" in result.output


def test_as_a_process(tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    done = shell("ask", *SMALL, "-o", target, input="银行\n")
    assert (done.returncode, saved(target)) == (0, {"applicant_kinds": "银行"})
    assert f"回答已写到 {target}" in done.stderr


def test_interrupting_writes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "我.yaml"
    command = [sys.executable, "-u", "-m", "cli.main", "ask", *SMALL, "-o", str(target)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        while "第 1 题" not in process.stdout.readline():
            pass
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert "已中断。" in process.stderr.read()
    assert not target.exists()
