"""The command in a process of its own, as users run it: speed, locale, interrupted and cut off."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, shell

LIMIT = 1.5
"""Seconds that a fresh ``huiqi check`` may take."""


def test_a_fresh_check_is_quick(profile: Path) -> None:
    best = LIMIT
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert shell("check", profile, "--as-of", "2017-06-30").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Processor time: it does not count what else the machine is doing, and nothing here waits.
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert best < LIMIT


def test_check_loads_neither_dataframes_nor_web_nor_solver(profile: Path) -> None:
    program = (
        "import sys; from cli.main import huiqi\n"
        f"try: huiqi(['check', {str(profile)!r}, '--as-of', '2017-06-30'])\n"
        "except SystemExit: pass\n"
        "print({'polars', 'flask', 'z3', 'pyspark', 'pandas', 'jinja2'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize("locale", ["C", "en_US.UTF-8", "zh_CN.GBK", ""])
def test_messages_are_chinese_in_every_locale(locale: str) -> None:
    environment = {
        "LANG": locale,
        "LC_ALL": locale,
        "LANGUAGE": "en",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "utf-8",
    }
    help_page = shell("check", "--help", env=environment).stdout
    assert help_page.startswith("用法：huiqi check [选项] 画像")
    assert "选项：" in help_page
    assert "显示本说明。" in help_page
    assert shell("chek", env=environment).stderr == (
        "错误：没有命令“chek”。是不是 'check'？运行 huiqi --help 查看用法。\n"
    )


def test_what_a_terminal_cannot_show_becomes_a_question_mark(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: 𠮷祥公司\n", "utf-8")
    command = [sys.executable, "-m", "cli.main", "check", str(tmp_path / "a.yaml"), "--as-of", "2017-06-30"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "gbk"}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="gbk", check=True)
    assert done.stdout.startswith("?祥公司\n日期 2017年6月30日")


def test_json_is_utf8_whatever_the_terminal_speaks(profile: Path) -> None:
    done = shell(
        "check", profile, "--as-of", "2017-06-30", "--format", "json", env={"PYTHONIOENCODING": "ascii"}
    )
    assert "虚构科技（廊坊）有限公司" in done.stdout


def test_a_closed_pipe_is_one_line(profile: Path) -> None:
    script = f'{sys.executable} -m cli.main check "{profile}" --as-of 2017-06-30 --format json | true'
    done = subprocess.run(
        ["bash", "-c", f"{script}; echo ${{PIPESTATUS[0]}}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.endswith("141\n")
    assert done.stderr == "输出没有写完：接收输出的程序已经关闭。\n"


def test_ctrl_c_is_one_line(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "check", str(pipe)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    # Opens only when the other side does, which then waits for a profile that never comes.
    with open(pipe, "wb"):
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (130, "", "已中断。\n")


def test_a_full_disk_is_one_line(profile: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "check", str(profile), "--as-of", "2017-06-30"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "错误：输出写不下：磁盘已满。\n")


def test_a_fault_of_ours_is_one_line_with_a_report(profile: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import engine.assessment\nengine.assessment.in_force = None\n"
    )
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    done = shell("check", profile, "--as-of", "2017-06-30", env={"PYTHONPATH": path, "TMPDIR": str(tmp_path)})
    assert (done.returncode, done.stdout) == (70, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("程序内部出错，不是您的输入有误。详情在 ")
    [report] = tmp_path.glob("huiqi-error-*.txt")
    assert "TypeError" in report.read_text("utf-8")
    assert str(report) in done.stderr


def test_rules_come_from_the_environment_too(profile: Path) -> None:
    done = shell("check", profile, "--as-of", "2017-06-30", env={"HUIQI_RULES": "/nowhere"})
    assert done.returncode == 2
    assert done.stderr.startswith("/nowhere: 这里没有规则目录")
