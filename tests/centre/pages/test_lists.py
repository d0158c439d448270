"""A list from the page on which it is handed in to the page of what came of it."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, select

from cli.main import huiqi
from engine.lists import limits
from tests.centre.office import TODAY, LogIn, Visit
from tests.conftest import ROOT
from web.centre.lists import arriving, jobs, rejected
from web.centre.lists.work import Work
from web.centre.pages.guard import KEY
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import AuditEntry, Enterprise, ListJob, ProfileVersion

MESSY = ROOT / "samples" / "lists" / "messy.xlsx"
CODES = ("91110000MA0000001L", "91110000MA0000002P")
PLAIN = f"统一社会信用代码,单位名称,从业人数,注册资本(万元)\n{CODES[0]},甲公司,5,100\n{CODES[1]},乙公司,几个,300\n"


def file(content: str | bytes, name: str = "名单.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content.encode() if isinstance(content, str) else content), name


def hand_in(visit: Visit, *files: tuple[io.BytesIO, str], status: int = 200) -> int:
    """Hand files in; the number of the list."""
    visit.post("/centre/lists", status, files=list(files))
    found = re.search(r"/centre/lists/(\d+)\"", visit.page)
    return int(found[1]) if found and status == 200 else 0


def controls(page: str) -> dict[str, Any]:
    """What a browser would send of the form of the mapping."""
    form = re.search(r'<form method="post" action="/centre/lists/\d+" class="mapping">(.*?)</form>', page, re.S)
    assert form is not None, page[:2000]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form[1]):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if told.get("type") == "checkbox" and " checked" not in tag:
            continue
        found.setdefault(told["name"], []).append(told.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form[1], re.S):
        chosen = re.search(r"<option(?: value=\"([^\"]*)\")? selected>([^<]*)|<option selected>([^<]*)", body)
        found[name] = [(chosen[1] if chosen[1] is not None else chosen[2] or chosen[3]) if chosen else ""]
    found.pop("csrf_token")
    return found


def answer(visit: Visit, number: int, do: str, status: int = 200, **more: Any) -> None:
    """Send the form as it stands, with these answers."""
    visit.post(f"/centre/lists/{number}", status, **{**controls(visit.page), **more, "do": do})


def work(app: Flask, number: int, rows: int = 2000) -> None:
    """What the process does that works on lists."""
    Work(app.extensions[KEY], number, lambda: False, rows).run()


def row_of(engine: Engine, number: int) -> ListJob:
    with reading(engine) as session:
        return session.get_one(ListJob, number)


def test_a_list_is_handed_in_understood_and_screened(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file(PLAIN))
    assert "没有要说明的了" in visit.page
    answer(visit, number, "start")
    assert "已开始" in visit.page and "等着处理名单的程序来接手" in visit.page
    told = visit.get(f"/centre/lists/{number}/progress").json
    assert told is not None and (told["state"], told["done"], told["attended"]) == ("waiting", 0, False)
    work(app, number)
    visit.get(f"/centre/lists/{number}")
    assert "共 2 行 = 存下 2 家企业 + 未采用 0 行。" in visit.page
    assert "单元格 1 处（按未知处理）" in visit.page and 'href="/centre/queue"' in visit.page
    with reading(engine) as session:
        kept = {row.key: row for row in session.execute(select(Enterprise)).scalars()}
        assert {key: row.name for key, row in kept.items()} == dict(zip(CODES, ("甲公司", "乙公司"), strict=True))
        data = session.execute(select(ProfileVersion.data).where(ProfileVersion.enterprise_id == kept[CODES[1]].id)).scalar_one()
        assert data == {"credit_code": CODES[1], "name": "乙公司", "registered_capital": "300万元"}
        actions = session.execute(select(AuditEntry.action).where(AuditEntry.action.like("list-%"))).scalars().all()
        assert actions == ["list-handed-in", "list-mapped", "list-started", "list-ended"]
    assert "已完成" in visit.get("/centre/lists").text


def refused(visit: Visit, *files: tuple[io.BytesIO, str]) -> str:
    """What is said of files that are not taken; nothing of them is kept."""
    hand_in(visit, *files, status=422)
    found = re.search(r'<div class="errors".*?</div>', visit.page, re.S)
    assert found is not None
    return re.sub(r"<[^>]+>", "", found[0])


def bomb() -> bytes:
    """A workbook whose sheet unpacks to two hundred megabytes and a half."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (250 * 1024 * 1024))
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("x", "名单.pdf", "名单.pdf：不是名单文件。可用：.xlsx、.xls、.csv、.tsv、.parquet。"),
        ("", "名单.csv", "名单.csv：文件是空的。"),
        (b"PK\x03\x04 no zip", "名单.xlsx", "名单.xlsx：工作簿已损坏或加了密码，打不开。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook", "名单.xls", "名单.xls："),
        (b"\0\1\2 no workbook", "名单.xlsx", "名单.xlsx：文件已损坏，打不开。"),
        ("<html><table></table></html>", "名单.xls", "名单.xls：这是网页或 XML，不是表格文件。"),
        (b"PAR1 no parquet", "名单.parquet", "名单.parquet：Parquet 文件已损坏，打不开。"),
    ],
)
def test_what_is_no_list_is_refused_and_not_kept(
    app: Flask, log_in: LogIn, engine: Engine, content: str | bytes, name: str, said: str
) -> None:
    assert said in refused(log_in("clerk"), file(content, name))
    with reading(engine) as session:
        assert session.execute(select(ListJob)).first() is None
    folder = app.extensions[KEY].settings.lists
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_workbook_bomb_is_not_opened(log_in: LogIn) -> None:
    assert "工作簿大得不合理" in refused(log_in("clerk"), file(bomb(), "名单.xlsx"))


def test_the_files_of_a_list_need_names_of_their_own(log_in: LogIn) -> None:
    assert "有两个文件同名" in refused(log_in("clerk"), file(PLAIN), file(PLAIN))
    assert "没有选文件" in refused(log_in("clerk"))
    assert "最多 20 个" in refused(log_in("clerk"), *(file(PLAIN, f"{n}.csv") for n in range(21)))


@pytest.mark.parametrize("name", ["../../x.csv", "C:\\x\\x.csv", "/etc/x.csv", ".x.csv", "x<|:*?>.csv", "名" * 200 + ".csv"])
def test_a_files_name_leads_nowhere(app: Flask, log_in: LogIn, engine: Engine, name: str) -> None:
    number = hand_in(log_in("clerk"), file(PLAIN, name))
    folder: Path = app.extensions[KEY].settings.lists
    job = row_of(engine, number)
    places = [path.relative_to(folder) for path in folder.rglob("*.csv")]
    assert places == [Path(job.digest) / job.files[0]] and len(job.files[0]) <= 80


def test_what_is_not_said_is_asked_and_nothing_starts_before(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, (io.BytesIO(MESSY.read_bytes()), "messy.xlsx"))
    assert "还有 2 处要您说明" in visit.page and "“注册资本”的单位没有写明（例如 500）" in visit.page
    answer(visit, number, "start", 422)
    assert row_of(engine, number).state == "mapping"
    # One column says its own unit, the sheet that of the others.
    at = next(name for name, told in controls(visit.page).items() if told == ["注册资本"]).removesuffix("-name")
    answer(visit, number, "check", **{"s0-unit": "亿元", f"{at}-unit": "万元"})
    assert "没有要说明的了" in visit.page
    answer(visit, number, "start")
    work(app, number)
    with reading(engine) as session:
        told = [data for data in session.execute(select(ProfileVersion.data)).scalars() if data]
    capitals = {data["registered_capital"] for data in told if "registered_capital" in data}
    assert "500万元" in capitals
    assert any(str(item["revenue"]).endswith("亿元") for data in told for item in data.get("annuals", ()))


def test_a_list_without_a_key_is_asked_for_one(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file("代号,从业人数\nA0001,5\nA0002,6\n"))
    assert "没有找到企业的编号列或名称列" in visit.page
    answer(visit, number, "start", 422)
    answer(visit, number, "start", **{"s0-key": "0"})
    work(app, number)
    with reading(engine) as session:
        assert session.execute(select(Enterprise.key).order_by(Enterprise.id)).scalars().all() == ["A0001", "A0002"]


def test_a_year_that_is_none_is_told_at_its_place(log_in: LogIn) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file("单位名称,营业收入(万元)\n甲,5\n"))
    assert "不知道是哪个会计年度" in visit.page
    answer(visit, number, "check", 422, **{"s0c1-year": "去年"})
    assert re.search(r'name="s0c1-year"[^>]*aria-invalid="true"[^>]*aria-describedby="s0c1-year-problem"', visit.page)
    assert "年度写成四位数字" in visit.page
    answer(visit, number, "check", **{"s0c1-year": "2025"})
    assert "没有要说明的了" in visit.page


def test_other_rows_are_matched_anew(log_in: LogIn) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file(f"统一社会信用代码,资质类型\n{CODES[0]},高企\n"))
    assert controls(visit.page)["s0c1-field"] == [""]
    answer(visit, number, "check", **{"s0-row": "recognition"})
    assert controls(visit.page)["s0c1-field"] == ["recognition.kind"]
    answer(visit, number, "check", **{"s0-row": "skip"}, status=422)
    assert "没有认出任何可用的列" in visit.page


def test_a_list_with_nothing_below_its_header_says_so(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file("统一社会信用代码,单位名称\n"))
    answer(visit, number, "start")
    work(app, number)
    visit.get(f"/centre/lists/{number}")
    assert "没有完成" in visit.page and "没有一行能用：表里没有数据" in visit.page
    assert "存下" not in visit.page.partition("再开始时")[0].partition("notice")[2]


def test_what_was_not_used_is_told_and_can_be_saved(app: Flask, log_in: LogIn) -> None:
    visit = log_in("clerk")
    text = f"统一社会信用代码,单位名称,从业人数\n{CODES[0]},甲公司,=1+1\n{CODES[0]},甲公司,\n,乙公司,5\n1E+17,丙公司,5\n"
    number = hand_in(visit, file(text))
    answer(visit, number, "start")
    work(app, number)
    visit.get(f"/centre/lists/{number}")
    assert "共 4 行 = 存下 1 家企业 + 未采用 3 行。" in visit.page
    csv = visit.get(f"/centre/lists/{number}/rejects.csv")
    assert csv.headers["Content-Disposition"].startswith("attachment; filename=rejects.csv;")
    lines = csv.get_data().decode("utf-8-sig").splitlines()
    assert lines[0] == "工作表,行,企业编号,列,内容,原因,怎么改,处理"
    assert len(lines) == 5 and any("'=1+1" in line for line in lines) and not any(",=" in line for line in lines)
    book = CalamineWorkbook.from_filelike(io.BytesIO(visit.get(f"/centre/lists/{number}/rejects.xlsx").get_data()))
    table = book.get_sheet_by_index(0).to_python()
    assert table[0] == lines[0].split(",") and len(table) == 5
    assert {row[1] for row in table[1:]} == {2.0, 3.0, 4.0, 5.0} and any(row[4] == "'=1+1" for row in table)
    # Cells are as they were written, people in them too: an auditor sees that there are some, not what they say.
    auditor = log_in("auditor")
    assert "未采用 3 行" in auditor.get(f"/centre/lists/{number}").text and "rejects" not in auditor.page
    for kind in ("csv", "xlsx"):
        auditor.get(f"/centre/lists/{number}/rejects.{kind}", 403)


def test_the_mapping_is_that_of_the_command_line(app: Flask, log_in: LogIn, tmp_path: Path, engine: Engine) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, (io.BytesIO(MESSY.read_bytes()), "messy.xlsx"))
    answer(visit, number, "check", **{"s0-unit": "万元"})
    saved = visit.get(f"/centre/lists/{number}/mapping.yaml").get_data()
    assert saved.decode() == row_of(engine, number).mapping
    # What is brought again is what it was.
    again = hand_in(visit, (io.BytesIO(MESSY.read_bytes()), "messy.xlsx"))
    visit.post(f"/centre/lists/{again}/mapping", file=file(saved, "m.yaml"))
    assert "没有要说明的了" in visit.page
    visit.post(f"/centre/lists/{again}/mapping", text=row_of(engine, again).mapping)
    assert row_of(engine, again).mapping == row_of(engine, number).mapping
    (tmp_path / "m.yaml").write_bytes(saved)
    words = ["batch", MESSY, "-o", tmp_path / "out.csv", "--mapping", tmp_path / "m.yaml", "--as-of", "2026-11-22"]
    done = CliRunner().invoke(huiqi, [str(word) for word in words])
    assert done.exit_code in (0, 1) and "3 家企业已评估" in done.output, done.output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "没有内容"),
        ("lists: [", "映射："),
        ("lists:\n  - {file: other.csv, row: enterprise}\n", "没有一个是这次的名单"),
        ("lists:\n  - {file: 名单.csv, row: enterprise, columns: {没有的列: name}}\n", "没有“没有的列”这一列"),
        (b"\xff\xfe\xff", "不是 UTF-8"),
    ],
)
def test_a_wrong_mapping_is_not_kept(log_in: LogIn, engine: Engine, given: str | bytes, said: str) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file(PLAIN))
    visit.post(f"/centre/lists/{number}/mapping", 422, file=file(given, "m.yaml"))
    assert said in visit.page and row_of(engine, number).mapping is None


def test_it_is_stopped_begun_again_and_its_files_deleted(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("head")
    number = hand_in(visit, file(PLAIN))
    answer(visit, number, "start")
    visit.post(f"/centre/lists/{number}/remove", 409)
    visit.post(f"/centre/lists/{number}", 409, do="start", as_of="2026-11-22", **FORM)
    visit.post(f"/centre/lists/{number}/cancel")
    assert "已停止" in visit.page
    visit.post(f"/centre/lists/{number}/cancel", 409)
    visit.get(f"/centre/lists/{number}")
    answer(visit, number, "start")
    work(app, number)
    visit.get(f"/centre/lists/{number}")
    visit.post(f"/centre/lists/{number}/remove")
    assert "文件已删除" in visit.page and "共 2 行" in visit.page
    assert not list(app.extensions[KEY].settings.lists.iterdir())
    for path in ("rejects.csv", "mapping.yaml"):
        visit.client.get(f"/centre/lists/{number}/{path}")
    visit.get(f"/centre/lists/{number}/rejects.csv", 410)
    visit.post(f"/centre/lists/{number}/remove", 409)
    assert "文件已删除" in visit.get("/centre/lists").text


FORM = {"s0-file": "名单.csv", "s0-row": "enterprise", "s0-was-row": "enterprise", "s0c0-name": "统一社会信用代码",
        "s0c0-field": "credit_code", "s0-key": "0"}  # fmt: skip


def test_two_lists_of_the_same_files_share_them(app: Flask, log_in: LogIn) -> None:
    visit = log_in("clerk")
    first, second = (hand_in(visit, file(PLAIN)) for _ in range(2))
    visit.post(f"/centre/lists/{first}/remove")
    visit.get(f"/centre/lists/{second}")
    answer(visit, second, "start")
    work(app, second)
    assert "共 2 行" in visit.get(f"/centre/lists/{second}").text


def test_who_may_what(log_in: LogIn, app: Flask) -> None:
    clerk = log_in("clerk")
    number = hand_in(clerk, file(PLAIN))
    for name in ("reviewer", "auditor"):
        visit = log_in(name)
        assert "交来一份名单" not in visit.get("/centre/lists").text
        assert "每一列读成什么" not in visit.get(f"/centre/lists/{number}").text
        visit.get(f"/centre/lists/{number}/progress")
        for path in ("", f"/{number}", f"/{number}/mapping", f"/{number}/cancel", f"/{number}/remove"):
            visit.post(f"/centre/lists{path}", 403)
    log_in("administrator").get("/centre/lists", 403)
    clerk.get("/centre/lists/99", 404)
    for before in ("9" * 30, "-" + "9" * 30, "x"):
        assert f"/centre/lists/{number}" in clerk.get("/centre/lists", before=before).text
    assert app.test_client().get(f"/centre/lists/{number}/progress").status_code == 302


def test_a_list_may_be_larger_than_anything_else(log_in: LogIn) -> None:
    lines = "".join(f"K{number:06d},公司{'名' * 100}{number}\n" for number in range(30_000))
    assert len(lines.encode()) > 9 * 1024 * 1024
    for name, status in (("clerk", 303), ("reviewer", 413)):
        visit = log_in(name)
        # The test client would leave a file behind that it did not close.
        parts = {"csrf_token": visit.token, 'files"; filename="名单.csv': "企业编号,单位名称\n" + lines}
        body = "".join(f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n' for key, text in parts.items())
        told = {"data": (body + "--x--\r\n").encode(), "content_type": "multipart/form-data; boundary=x"}
        answered = visit.client.post("/centre/lists", **told)
        assert answered.status_code == status
    assert "约 30,000 行" in log_in("clerk").get("/centre/lists/1").text


def test_a_date_that_is_none_is_told(log_in: LogIn) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file(PLAIN))
    answer(visit, number, "start", 422, as_of="某天")
    assert "请填写评估日" in visit.page


def test_a_day_that_has_not_come_is_refused(log_in: LogIn, engine: Engine) -> None:
    """By China's calendar, which is the site's."""
    visit = log_in("clerk")
    number = hand_in(visit, file(PLAIN))
    for do in ("check", "start"):
        answer(visit, number, do, 422, as_of="2026-11-23")
        assert "评估日不能晚于今天（2026年11月22日）" in visit.page and 'aria-invalid="true"' in visit.page
        assert (row_of(engine, number).as_of, row_of(engine, number).state) == (TODAY, "mapping")
    answer(visit, number, "start", as_of="2017-06-30")
    assert row_of(engine, number).as_of == date(2017, 6, 30)


def test_the_page_tells_how_far_it_is(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file(PLAIN))
    answer(visit, number, "start")
    with writing(engine) as session:
        job = session.get_one(ListJob, number)
        job.state, job.worker, job.heartbeat, job.total, job.done, job.rejected = "running", "one", now(), 1000, 250, 3
        job.counts = {"begun": (now() - timedelta(seconds=10)).isoformat(), "begun_done": 50}
    told = visit.get(f"/centre/lists/{number}/progress").json
    assert told is not None and (told["share"], told["rejected"], told["attended"]) == (25, 3, True)
    assert 15 < told["rate"] <= 20 and 37 <= told["left"] < 50
    visit.get(f"/centre/lists/{number}")
    assert "正在筛查，每秒" in visit.page and "约剩" in visit.page and 'value="25"' in visit.page
    assert 'http-equiv="refresh"' in visit.page
    with writing(engine) as session:
        session.get_one(ListJob, number).heartbeat = now() - jobs.SILENT - timedelta(seconds=1)
    assert "等着处理名单的程序来接手" in visit.get(f"/centre/lists/{number}").text


def done(app: Flask, visit: Visit, *files: tuple[io.BytesIO, str]) -> int:
    """A list that was worked on."""
    number = hand_in(visit, *files)
    answer(visit, number, "start")
    work(app, number)
    return number


def test_a_workbook_that_a_request_must_not_open_is_refused(
    log_in: LogIn, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Less than the command line opens; of several files together."""
    visit, content = log_in("clerk"), MESSY.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        unpacked = sum(part.file_size for part in book.infolist())
    monkeypatch.setattr(arriving, "UNPACKED", unpacked * 3 // 2)
    both = refused(visit, file(content, "a.xlsx"), file(content, "b.xlsx"))
    assert "b.xlsx：工作簿大得不合理" in both and "a.xlsx" not in both
    assert not list(app.extensions[KEY].settings.lists.iterdir())
    hand_in(visit, file(content, "a.xlsx"))
    monkeypatch.setattr(arriving, "CELLS", 20)
    assert "最远的单元格" in refused(visit, file(content, "c.xlsx"))
    assert arriving.UNPACKED < limits.MAX_UNPACKED and arriving.CELLS < limits.MAX_CELLS


def test_too_many_for_a_workbook_are_had_as_csv(app: Flask, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = log_in("clerk")
    number = done(app, visit, file(f"统一社会信用代码,单位名称\n{CODES[0]},甲\n,乙\n,丙\n"))
    monkeypatch.setattr(rejected, "MOST_ROWS", 2)
    assert "下载清单（Excel）" in visit.get(f"/centre/lists/{number}").text
    visit.get(f"/centre/lists/{number}/rejects.xlsx")
    monkeypatch.setattr(rejected, "MOST_ROWS", 1)
    visit.get(f"/centre/lists/{number}")
    assert "条数太多，不做成 Excel 工作簿" in visit.page and "rejects.xlsx" not in visit.page
    assert "未采用的超过 1 条，请下载 CSV" in visit.get(f"/centre/lists/{number}/rejects.xlsx", 409).text
    assert len(visit.get(f"/centre/lists/{number}/rejects.csv").get_data().splitlines()) == 3


def test_what_was_not_used_of_many_slices_is_one_table(app: Flask, log_in: LogIn) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file("企业编号,单位名称,从业人数\n" + "".join(f"K{n},公司{n},=几个\n" for n in range(7))))
    answer(visit, number, "start")
    work(app, number, rows=2)
    lines = visit.get(f"/centre/lists/{number}/rejects.csv").get_data().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("工作表,行") and [line.split(",")[1] for line in lines[1:]] == [str(n) for n in range(2, 9)]
    book = CalamineWorkbook.from_filelike(io.BytesIO(visit.get(f"/centre/lists/{number}/rejects.xlsx").get_data()))
    table = book.get_sheet_by_index(0).to_python()
    assert [[str(cell) for cell in (row[2], row[4])] for row in table[1:]] == [[f"K{n}", "'=几个"] for n in range(7)]
