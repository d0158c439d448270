"""The whole profile on one page: kept, checked, brought along and taken away."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import load_pack
from engine.diagnostics import Findings, InputError
from engine.lists import write_template
from engine.lists.files import read_sheets
from engine.profile import profile_of
from engine.yaml_source import read_file, read_yaml
from tests.helpers import ROOT
from tests.web.conftest import hidden
from web.service import MOST_RECORDS
from web.site.forms.cards import MOST
from web.site.state import State
from web.site.uploads import MOST_ROWS, pasted, uploaded

PACK = load_pack()
Post = Callable[..., TestResponse]
SAMPLES = ("beijing-mixed", "daxing-2021", "langfang-2016", "listed-company", "mixed")


def data_of(name: str) -> dict[str, Any]:
    """A sample profile as plain data."""
    source = read_file(ROOT / "samples" / f"{name}.yaml", Findings(), rule_file=False)
    assert source is not None and isinstance(source.data, dict)
    return source.data


def state_of(answer: TestResponse) -> State:
    return State.read(hidden(answer.text, "state"))


def upload(post: Post, name: str, content: bytes) -> TestResponse:
    return post("/profile", {"do": "upload", "file": (BytesIO(content), name)}, content_type="multipart/form-data")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_profile_goes_in_and_comes_out(post: Post, name: str) -> None:
    """Uploaded, shown, downloaded: the same profile to the engine."""
    answer = upload(post, f"{name}.yaml", (ROOT / "samples" / f"{name}.yaml").read_bytes())
    assert answer.status_code == 200
    assert "已读入" in answer.text
    file = post("/profile.yaml", after=answer.text)
    assert file.headers["Content-Disposition"].startswith("attachment; filename=profile.yaml")
    again = read_yaml(file.text, "画像.yaml", Findings(), rule_file=False)
    assert again is not None and isinstance(again.data, dict)
    expected = profile_of(data_of(name), PACK.vocabulary, PACK.tables)
    assert profile_of(again.data, PACK.vocabulary, PACK.tables) == expected


def test_json_is_read_too(post: Post) -> None:
    answer = upload(post, "画像.json", json.dumps({"registered_division": "大兴区"}, ensure_ascii=False).encode())
    assert state_of(answer).data == {"registered_division": "大兴区"}


def test_a_reviewer_s_finding_is_kept_and_never_asked_for(post: Post) -> None:
    """The enterprise's own word is no finding, so the page has no control for one; one that was brought stays."""
    finding = {"judgement": "lf-major", "finding": True, "by": "审核员", "on": "2017-05-01", "why": "见合同"}
    brought = upload(post, "画像.json", json.dumps({"findings": [finding], "name": "甲"}, ensure_ascii=False).encode())
    assert 'name="p.findings' not in brought.text
    assert 'name="p.recognitions' in brought.text
    saved = post("/profile", {"do": "save", "p.name": "乙"}, after=brought.text)
    assert state_of(saved).data == {"name": "乙", "findings": [finding]}


def test_what_is_kept_is_checked(post: Post) -> None:
    """Errors are tied to their fields and nothing is lost; then it is kept."""
    form = {
        "do": "save",
        "p.staff_total": "abc",
        "p.name": "<b>甲</b>",
        "p.contracts": "none",
        "p.activities.none": "1",
    }
    wrong = post("/profile", form)
    assert wrong.status_code == 422
    assert 'href="#p-staff_total"' in wrong.text
    assert 'value="abc"' in wrong.text and "&lt;b&gt;甲&lt;/b&gt;" in wrong.text
    assert state_of(wrong).data == {}
    right = post("/profile", {**form, "p.staff_total": "100-499"}, after=wrong.text)
    assert right.status_code == 200
    assert state_of(right).data == {"name": "<b>甲</b>", "activities": [], "staff_total": "100-499", "contracts": []}
    assert "已核对，没有问题" in right.text


def test_a_contradiction_between_records_is_told(post: Post) -> None:
    """What only the whole list shows: one year twice."""
    form = {"do": "save", "p.annuals": "all", "p.annuals.card": ["n0", "n1"]}
    form |= {"p.annuals.n0.fiscal_year": "2025", "p.annuals.n1.fiscal_year": "2025"}
    answer = post("/profile", form)
    assert answer.status_code == 422
    assert 'href="#p-annuals-n1"' in answer.text and "2025年的年度数据写了两次" in answer.text


def test_the_whole_page_survives_a_browser(post: Post) -> None:
    """Every control of the page as a browser would send it back untouched: the same profile."""
    from html.parser import HTMLParser

    class Controls(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.form: dict[str, list[str]] = {}
            self.select, self.picked, self.inert = "", "", 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found = {name: value or "" for name, value in attrs}
            self.inert += tag == "template"
            name = found.get("name", "")
            if self.inert or not (name.startswith("p.") or tag == "option"):
                return
            ticked = found.get("type") not in ("radio", "checkbox") or "checked" in found
            if tag == "input" and ticked:
                self.form.setdefault(name, []).append(found["value"])
            elif tag == "select":
                self.select = name
            elif tag == "option" and "selected" in found:
                self.form[self.select] = [found["value"]]

        def handle_endtag(self, tag: str) -> None:
            self.inert -= tag == "template"

    answer = upload(post, "a.yaml", (ROOT / "samples" / "mixed.yaml").read_bytes())
    controls = Controls()
    controls.feed(answer.text)
    kept = post("/profile", {**controls.form, "do": "save"}, after=answer.text)
    assert kept.status_code == 200
    expected = profile_of(data_of("mixed"), PACK.vocabulary, PACK.tables)
    assert profile_of(dict(state_of(kept).data), PACK.vocabulary, PACK.tables) == expected


# --- what cannot be read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [path.stem for path in sorted((ROOT / "samples").glob("broken-*.yaml"))])
def test_a_broken_profile_is_told_by_line(post: Post, name: str) -> None:
    """Each problem on a line of its own with its place; what was told before stays."""
    before = post("/ask", {"key": "staff_total", "do": "answer", "p.staff_total": "5"})
    content = (ROOT / "samples" / f"{name}.yaml").read_bytes()
    answer = post(
        "/profile",
        {"do": "upload", "file": (BytesIO(content), f"{name}.yaml")},
        after=before.text,
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    with pytest.raises(InputError) as told:
        uploaded(f"{name}.yaml", content, PACK)
    for finding in told.value.findings:
        assert f"第 {finding.line} 行第 {finding.column} 列" in answer.text
    assert state_of(answer).data == {"staff_total": "5"}
    assert "Traceback" not in answer.text


HOSTILE: dict[str, tuple[str, bytes]] = {
    "empty": ("a.yaml", b""),
    "not utf-8": ("a.yaml", "单位".encode("gbk")),
    "a list": ("a.json", b"[1, 2]"),
    "anchors": ("a.yaml", b"a: &a [x]\nb: *a"),
    "an object": ("a.yaml", b"!!python/object/apply:os.system ['true']"),
    "deep": ("a.json", b"[" * 5000),
    "a picture": ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0"),
    "a zip that is none": ("a.xlsx", b"PK\x03\x04 and then nothing"),
    "text called a workbook": ("a.xlsx", b"name: x"),
    "an old workbook": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    "a path for a name": ("../../etc/passwd", b"staff_total: abc"),
    "a script for a name": ("<script>alert(1)</script>.yaml", b"staff_total: abc"),
}


@pytest.mark.parametrize("name, content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_upload_is_refused_in_chinese(post: Post, name: str, content: bytes) -> None:
    answer = upload(post, name, content)
    assert answer.status_code == 422
    assert "这份画像没有读入" in answer.text
    assert "<script>alert" not in answer.text and "/tmp" not in answer.text and "etc/" not in answer.text


def test_nothing_chosen_is_told(post: Post) -> None:
    assert "没有选择文件" in post("/profile", {"do": "upload"}).text


def test_what_was_pasted_stays_for_mending(post: Post) -> None:
    answer = post("/profile", {"do": "paste", "text": "staff_total: 很多"})
    assert answer.status_code == 422
    assert "staff_total: 很多</textarea>" in answer.text
    assert pasted("staff_total: 5", PACK) == {"staff_total": 5}


# --- workbooks ------------------------------------------------------------------------------------------------------


def workbook(folder: Path, rows: list[list[str]], headers: list[str]) -> bytes:
    """A workbook with one sheet."""
    path = folder / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("企业")
        for number, row in enumerate([headers, *rows]):
            sheet.write_row(number, 0, row)
    return path.read_bytes()


HEADERS = ["统一社会信用代码", "单位名称", "注册地", "从业人数"]
FIRST = ["91110108MA01ABCD5X", "甲公司", "北京市海淀区", "100-499"]
SECOND = ["91110115MA01ABCD5X", "乙公司", "北京市大兴区", "20"]


def code(number: int) -> str:
    """Credit codes that are in order."""
    from stdnum.cn import uscc

    body = f"91110108MA{number:07d}"
    return body + uscc.calc_check_digit(body)


def test_a_workbook_fills_the_page(post: Post, tmp_path: Path) -> None:
    answer = upload(post, "名单.xlsx", workbook(tmp_path, [[code(1), *FIRST[1:]]], HEADERS))
    assert answer.status_code == 200
    told = state_of(answer).data
    assert (told["name"], told["registered_division"], told["staff_total"]) == tuple(FIRST[1:])


def test_of_several_rows_one_is_chosen(post: Post, tmp_path: Path) -> None:
    content = workbook(tmp_path, [[code(1), *FIRST[1:]], [code(2), *SECOND[1:]]], HEADERS)
    answer = upload(post, "名单.xlsx", content)
    assert "甲公司" in answer.text and "乙公司" in answer.text
    chosen = answer.text[answer.text.index("选择一家企业") :]
    second = hidden(chosen[chosen.index("乙公司</button>") - 2500 :].split("甲公司</button>")[-1], "state")
    page = post("/profile", {"state": second})
    assert state_of(page).data["name"] == "乙公司"


def test_a_whole_list_is_for_the_command_line(tmp_path: Path) -> None:
    rows = [[code(number), f"公司{number}", "北京市大兴区", "5"] for number in range(MOST_ROWS + 1)]
    with pytest.raises(InputError, match="huiqi batch"):
        uploaded("名单.xlsx", workbook(tmp_path, rows, HEADERS), PACK)


def test_a_bomb_is_not_opened(post: Post, tmp_path: Path) -> None:
    """A small file whose sheet unpacks to more than the site takes; one whose last cell lies far away."""
    import zipfile

    folder = tmp_path / "x"
    folder.mkdir()
    small = workbook(folder, [FIRST], HEADERS)
    for inside in (b"<c/>" * 20_000_000, b'<row r="1048576"><c r="XFD1048576"/></row>'):
        path = tmp_path / "bomb.xlsx"
        with zipfile.ZipFile(BytesIO(small)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for item in old.infolist():
                if item.filename != "xl/worksheets/sheet1.xml":
                    new.writestr(item, old.read(item))
            new.writestr("xl/worksheets/sheet1.xml", inside)
        answer = upload(post, "名单.xlsx", path.read_bytes())
        assert answer.status_code == 422
        assert "大得不合理" in answer.text


def filled_template(folder: Path, told: dict[str, dict[str, str]]) -> bytes:
    """The template with one more row on each sheet named: cells by the header that they stand under."""
    empty, path = folder / "empty.xlsx", folder / "template.xlsx"
    write_template(empty, PACK)
    with xlsxwriter.Workbook(path) as book:
        for sheet in read_sheets(empty):
            rows = sheet.head()
            page = book.add_worksheet(sheet.name)
            if sheet.name in told:
                headers = next(row for row in rows if told[sheet.name].keys() <= {*row})
                rows = [*rows, [told[sheet.name].get(header or "") for header in headers]]
            for number, row in enumerate(rows):
                page.write_row(number, 0, [cell or "" for cell in row])
    return path.read_bytes()


def test_the_template_fills_the_page(post: Post, tmp_path: Path) -> None:
    """With a record on its own sheet; a sheet that nobody called complete may lack some."""
    key = {"统一社会信用代码": code(1)}
    enterprise = {**key, "单位名称": "甲公司", "从业人数(人)": "20"}
    told = {"企业": enterprise, "认定": {**key, "认定类别": "国家高新技术企业"}}
    answer = upload(post, "名单.xlsx", filled_template(tmp_path, told))
    assert answer.status_code == 200
    data = state_of(answer).data
    assert data["name"] == "甲公司"
    assert data["recognitions"] == {"partial": True, "items": [{"kind": "国家高新技术企业"}]}
    assert "没有采用" not in answer.text


def test_an_empty_template_is_offered_and_told_apart(client: FlaskClient, post: Post) -> None:
    """It is the workbook of ``huiqi batch --template``; sent back as it is it says nothing."""
    template = client.get("/template.xlsx")
    assert template.headers["Content-Disposition"].startswith("attachment; filename=template.xlsx")
    answer = upload(post, "名单.xlsx", template.data)
    assert answer.status_code == 422
    assert "没有一行能用" in answer.text
    assert "--inspect" not in answer.text and "映射" not in answer.text


# --- long lists -----------------------------------------------------------------------------------------------------

LONG = {
    "name": "甲公司",
    "contracts": [{"id": f"合同{number}", "amount": f"{number}万元"} for number in range(MOST + 10)],
}


def test_a_long_list_is_kept_as_it_is(post: Post) -> None:
    """Not shown card by card; what is saved beside it leaves it alone, and it is not asked about."""
    answer = post("/profile", {"do": "paste", "text": json.dumps(LONG, ensure_ascii=False)})
    assert f"技术合同有 {MOST + 10} 条" in answer.text
    assert "合同59</legend>" not in answer.text and 'name="p.contracts' not in answer.text
    saved = post("/profile", {"do": "save", "p.name": "乙公司", "p.contracts": "none"}, after=answer.text)
    assert state_of(saved).data == {**LONG, "name": "乙公司"}
    asked = post("/ask", {"key": "contracts"}, after=saved.text)
    assert 'name="key" value="contracts"' not in asked.text
    assert state_of(asked).data["contracts"] == LONG["contracts"]


def test_no_more_cards_than_a_page_can_show(post: Post) -> None:
    form: dict[str, Any] = {"do": "save", "p.contracts": "all", "p.contracts.card": [f"n{n}" for n in range(MOST + 1)]}
    form |= {f"p.contracts.n{number}.amount": "5" for number in range(MOST + 1)}
    answer = post("/profile", form)
    assert answer.status_code == 422
    assert f"网页上最多填 {MOST} 条" in answer.text


def test_too_many_records_are_for_the_command_line(post: Post) -> None:
    """In a file, and in a page that was tampered with."""
    data = {"contracts": [{"amount": "5万元"}] * (MOST_RECORDS + 1)}
    answer = post("/profile", {"do": "paste", "text": json.dumps(data)})
    assert answer.status_code == 422 and "huiqi check" in answer.text
    assert post("/ask", {"state": State(data).text()}).status_code == 400


def test_a_hint_names_what_the_site_has(post: Post) -> None:
    """Not the commands that write an empty profile elsewhere."""
    for text in ("不知道的东西: 1", "- 甲"):
        answer = post("/profile", {"do": "paste", "text": text})
        assert answer.status_code == 422
        assert "空白模板" in answer.text and "huiqi new" not in answer.text


def test_what_a_workbook_loses_is_told(post: Post, tmp_path: Path) -> None:
    """Rows that contradict each other, columns that nobody understands: not a word is dropped in silence."""
    rows = [[code(1), "甲公司", "大兴区", "20", "红"], [code(1), "乙公司", "大兴区", "20", ""]]
    page = upload(post, "名单.xlsx", workbook(tmp_path, rows, [*HEADERS, "最喜欢的颜色"]))
    assert page.status_code == 200
    assert "没有采用的内容" in page.text
    assert "甲公司、乙公司" in page.text
    assert "“最喜欢的颜色”这一列没有读懂" in page.text
    several = upload(post, "名单.xlsx", workbook(tmp_path, [rows[0], [code(2), *rows[1][1:]]], [*HEADERS, "最喜欢的颜色"]))
    assert "“最喜欢的颜色”这一列没有读懂" in several.text
    whole = upload(post, "名单.xlsx", workbook(tmp_path, [[code(1), *FIRST[1:]]], HEADERS))
    assert "没有采用" not in whole.text


def test_invisible_characters_of_a_workbook_become_blanks(post: Post, tmp_path: Path) -> None:
    page = upload(post, "名单.xlsx", workbook(tmp_path, [[code(1), "甲\x0b公司", "大兴区", "20"]], HEADERS))
    assert '"name":"甲 公司"' in hidden(page.text, "state")
    assert post("/profile", after=page.text).status_code == 200
