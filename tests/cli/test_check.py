"""``huiqi check``: what it says, in which form, with which exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import clock, forward
from tests.cli.conftest import BASE, Run

AWARD = "lf16-city-collaborative-innovation-base-award"
RESULT_KEYS = {
    "measure", "document", "clause", "subject", "items", "stated", "verdict", "waiting_for",
    "amount_yuan", "amount_range_yuan", "amount_status", "amount_by_year",
    "payee", "missing", "judgements", "reasons", "citation",
}  # fmt: skip


def test_says_the_award_its_reason_and_whom_to_ask(run: Run, profile: Path) -> None:
    found = run("check", profile, "--as-of", "2017-06-30")
    assert found.exit_code == 0
    assert "可享受（1 项）" in found.stdout
    assert "新认定市级协同创新基地一次性奖励 — 10万元（一次性）" in found.stdout
    assert "去问：市科技局、市财政局" in found.stdout
    assert "依据 三(二)" in found.stdout
    assert "申报单位：已确认 10万元" in found.stdout
    assert "已领取一次性奖励：否（未填写，按此处理）" in found.stdout
    assert "\x1b" not in found.stdout


def test_a_sparse_profile_is_told_what_to_supply_and_not_a_wall_of_lines(run: Run) -> None:
    found = run("check", "-", "--as-of", "2026-06-30", input="name: 甲\nregistered_division: 北京市海淀区\n")
    assert found.exit_code == 0
    assert "建议先补充\n  1. " in found.stdout
    group = found.stdout.partition("缺资料（")[2]
    count = int(group.partition(" 项")[0])
    lines = group.partition("\n\n")[0].splitlines()[1:]
    assert count > 40
    assert len(lines) < 25
    # Each measure is counted under one missing field.
    assert sum(int(re.findall(r"：(\d+) 项", line)[0]) for line in lines) == count
    every = run(
        "check", "-", "--as-of", "2026-06-30", "--all", input="name: 甲\nregistered_division: 北京市海淀区\n"
    )
    assert len(every.stdout.partition("缺资料（")[2].partition("\n\n")[0].splitlines()[1:]) == count


def test_documents_out_of_force_take_one_line_each(run: Run, profile: Path) -> None:
    found = run("check", profile, "--as-of", "2017-06-30")
    group = found.stdout.partition("不在有效期（")[2].partition("\n\n")[0]
    assert len(group.splitlines()[1:]) == group.count("评估日尚未生效") >= 1
    assert "2021年4月12日至2023年12月31日，评估日尚未生效" in group


def test_pending_and_lacking_facts_are_told_apart(run: Run) -> None:
    text = "talents:\n  - {id: 王某, programme_tier: 国家级, work_division: 大兴区}\n"
    found = run("check", "-", "--as-of", "2022-06-30", "--document", "daxing-2021", input=text)
    pending = found.stdout.partition("条件已满足待认定（")[2].partition("\n\n")[0]
    assert "大兴区政府特聘岗" in pending
    assert "待认定：聘用到政府特聘岗" in pending
    assert "1:1配套奖励" not in pending


def test_brief_is_short(run: Run, profile: Path) -> None:
    found = run("check", profile, "--as-of", "2017-06-30", "--brief")
    lines = found.stdout.splitlines()
    assert len(lines) <= 11
    assert lines[0] == "虚构科技（廊坊）有限公司  2017年6月30日"
    assert "10万元" in found.stdout


def test_a_single_measure_shows_every_condition(run: Run, profile: Path) -> None:
    found = run("check", profile, "--as-of", "2017-06-30", "--measure", AWARD)
    assert "✓ 认定级次为设区市级（设区市级）" in found.stdout
    assert "由规则推导" in found.stdout
    assert "原文：“" in found.stdout
    assert "1 份文件 1 项措施" in found.stdout


@pytest.mark.parametrize("text", ["2017-06-30", "2017年6月30日", "20170630", "２０１７-06-30"])
def test_days_as_people_write_them(run: Run, profile: Path, text: str) -> None:
    found = run("check", profile, "--as-of", text, "--format", "json")
    assert json.loads(found.stdout)["as_of"] == "2017-06-30"


def test_without_a_day_it_is_today(run: Run, profile: Path) -> None:
    before = clock.today()
    found = run("check", profile, "--format", "json")
    assert before.isoformat() <= json.loads(found.stdout)["as_of"] <= clock.today().isoformat()


def test_json_is_the_contract(run: Run, profile: Path) -> None:
    found = run("check", profile, "--as-of", "2017-06-30", "--format", "json")
    answer = json.loads(found.stdout)
    assert {"pack_version", "as_of", "results", "programmes", "totals"} <= set(answer)
    assert all(set(result) >= RESULT_KEYS for result in answer["results"])
    [award] = [result for result in answer["results"] if result["measure"] == AWARD]
    assert (award["verdict"], award["amount_yuan"], award["amount_range_yuan"]) == (
        "eligible", "100000", ["100000", "100000"],
    )  # fmt: skip
    assert all(
        {"kind", "what"} <= set(item) for result in answer["results"] for item in result["waiting_for"]
    )
    assert answer["totals"]["applicant"]["confirmed"] == ["100000", "100000"]


def test_executors_give_the_same_json(run: Run, profile: Path) -> None:
    assert forward.available()
    outputs = [
        run("check", profile, "--as-of", "2017-06-30", "--format", "json", "--executor", name)
        for name in ("forward", "reference")
    ]
    assert outputs[0].stdout == outputs[1].stdout
    assert [output.stderr for output in outputs] == ["", ""]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (forward.ForwardUnavailable("x"), "未安装 durable-rules"),
        (forward.CircuitTooLarge(["电路“a”门数为 9，超过上限 8。"]), "电路“a”门数为 9，超过上限 8"),
        (forward.ForwardFailure("x"), "durable-rules 运行出错"),
    ],
)
def test_falls_back_to_reference_and_says_so(
    run: Run, profile: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(forward.ForwardSolver, "solve", refuse)
    found = run("check", profile, "--as-of", "2017-06-30")
    assert found.exit_code == 0
    assert found.stderr == f"提示：{why}，已改用 reference 执行器，结论相同。\n"
    assert "10万元" in found.stdout


def test_a_selection_keeps_the_version_and_totals_only_itself(run: Run, profile: Path) -> None:
    whole, one, document = (
        json.loads(run("check", profile, "--as-of", "2017-06-30", "--format", "json", *more).stdout)
        for more in ((), ("--measure", AWARD), ("--document", "langfang-2016"))
    )
    assert [result["measure"] for result in one["results"]] == [AWARD]
    assert {result["document"] for result in document["results"]} == {"langfang-2016"}
    assert {entry["document"] for entry in document["programmes"]} == {"langfang-2016"}
    assert whole["pack_version"] == one["pack_version"] == document["pack_version"]
    assert one["totals"] == {"applicant": {"confirmed": ["100000", "100000"], "possible": "100000"}}


def test_standard_input_takes_yaml_and_json(run: Run) -> None:
    as_json = json.dumps({"name": "乙", "registered_division": "固安县"}, ensure_ascii=False)
    for text in ("name: 乙\nregistered_division: 固安县\n", as_json, "\ufeff" + as_json):
        found = run("check", "-", "--as-of", "2017-06-30", input=text.encode())
        assert (found.exit_code, found.stderr) == (0, "")
        assert found.stdout.startswith("乙\n")


# Problems


def test_every_problem_of_a_profile_at_once_with_its_place(run: Run) -> None:
    text = "name: 甲\nregistered_divison: 固安县\nstaff_total: 很多\n"
    text += "recognitions:\n  - {kind: 高企, issued: 2017-02-30}\n"
    found = run("check", "-", "--as-of", "2017-06-30", input=text)
    assert (found.exit_code, found.stdout) == (2, "")
    lines = found.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["标准输入:2:1", "标准输入:3:14", "标准输入:5:24"]
    assert "registered_division" in lines[0]


def test_warnings_of_a_profile_are_said_and_do_not_stop(run: Run) -> None:
    found = run("check", "-", "--as-of", "2017-06-30", input="registered_division: 朝阳区\n")
    assert found.exit_code == 0
    assert found.stderr.startswith("标准输入:1:22: （提示）")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--document", "langfang"), "--document: 没有文件编号“langfang”。是不是 langfang-2016？"),
        (("--measure", AWARD[:-1]), f"--measure: 没有措施编号“{AWARD[:-1]}”。是不是 {AWARD}"),
        (("--measure", "lf16-tech-town-building"), "是背景内容，只有目标，没有结论"),
        (("--measure", AWARD, "--document", "daxing-2021"), "这些措施不在所选的文件里"),
        (("--as-of", "2017年"), "请写到日"),
        (("--as-of", "2017-02-30"), "没有这一天"),
        (("--format", "docx"), "没有“docx”这一项，可选：'text', 'json', 'html', 'pdf'"),
        (("--executor", "spark"), "没有“spark”这一项"),
        (("--rules", "/nowhere"), "/nowhere: 这里没有规则目录"),
        (("--brief", "--all"), "只能选一个"),
        (("--asof", "2017-06-30"), "没有选项“--asof”。是不是 '--as-of'？"),
    ],
)
def test_bad_usage_is_two_and_says_what_to_do(
    run: Run, profile: Path, args: tuple[str, ...], said: str
) -> None:
    found = run("check", profile, *args)
    assert (found.exit_code, found.stdout) == (2, "")
    assert said in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_several_unknown_names_are_several_lines(run: Run, profile: Path) -> None:
    found = run("check", profile, "--document", "x", "--measure", "y", "--measure", "z")
    assert found.exit_code == 2
    assert len(found.stderr.splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", ""),
        (b"\xff\xfe\x00", ":1:1"),
        (b"name: [", ":"),
        (b"- 1\n", ":1:1"),
        (b"{\"name\": \"a\", \"name\": \"b\"}", ":1:15"),
        (b"a: &x [1]\nb: *x\n", ":1:"),
    ],
)  # fmt: skip
def test_broken_files_are_two_with_a_place(run: Run, tmp_path: Path, content: bytes, place: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    found = run("check", path, "--as-of", "2017-06-30", "-o", tmp_path / "out.txt")
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.startswith(f"{path}{place}")
    assert not (tmp_path / "out.txt").exists()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: (BASE + text).encode("utf-8", "replace")),
    )
)
def test_no_bytes_lead_to_a_fault(run: Run, content: bytes) -> None:
    found = run("check", "-", "--as-of", "2017-06-30", "--brief", input=content)
    assert found.exit_code in (0, 2)
    assert bool(found.stderr) or found.exit_code == 0
    assert "Traceback" not in found.stderr


# Files


def test_output_goes_to_a_file_whole(run: Run, profile: Path, tmp_path: Path) -> None:
    target = tmp_path / "结果.json"
    target.write_text("old", "utf-8")
    target.chmod(0o640)
    found = run("check", profile, "--as-of", "2017-06-30", "--format", "json", "-o", target)
    assert (found.exit_code, found.stdout) == (0, "")
    assert json.loads(target.read_text("utf-8"))["as_of"] == "2017-06-30"
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["企业.yaml", "结果.json"]


def test_output_through_a_link_keeps_the_link(run: Run, profile: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert run("check", profile, "--as-of", "2017-06-30", "-o", tmp_path / "link").exit_code == 0
    assert (tmp_path / "link").is_symlink()
    assert "10万元" in (tmp_path / "real").read_text("utf-8")


@pytest.mark.parametrize("target", ["missing/out.txt", ".", "企业.yaml"])
def test_impossible_outputs_are_two(run: Run, profile: Path, tmp_path: Path, target: str) -> None:
    found = run("check", profile, "--as-of", "2017-06-30", "-o", tmp_path / target)
    assert found.exit_code == 2
    assert len(found.stderr.splitlines()) == 1
    assert profile.read_text("utf-8") == BASE
