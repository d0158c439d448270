"""Taking in one applicant on the pages: form, file, determination; those who are known already; two clerks at once."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from engine.compiler import compile_pack
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.selection import select as select_rules
from tests.centre.office import TODAY, LogIn, Visit
from web.centre import keeping
from web.centre.pages.guard import KEY
from web.centre.store import chain
from web.centre.store.database import reading
from web.centre.store.tables import AuditEntry, DeterminationRow, Enterprise, ProfileVersion
from web.site.forms.writing import as_yaml

CODE, OTHER = "91110000600037341L", "91110108551385082Q"
FORM = "/centre/intake/form"
COMPANY: dict[str, Any] = {
    "name": "固安测试软件有限公司",
    "credit_code": CODE,
    "registered_division": "廊坊市固安县",
    "applicant_kinds": ["企业"],
}
MEASURE = "dx25-key-project-enterprise-service-package"
PENDING: dict[str, Any] = {"projects": [{"id": "传感器", "kind": "科技成果转化项目", "division": "大兴区"}]}
"""What that measure states; whether the project is a key one is for the department."""
CLAIM = {"judgement": "dx25-key-transformation-project", "finding": "是", "by": "本公司", "on": "2026-11-01", "why": "自己认为"}


def kept(engine: Engine) -> list[tuple[str, str, int]]:
    """Key and name of each enterprise, and how many versions of its profile there are."""
    with reading(engine) as session:
        counted = select(ProfileVersion.enterprise_id, func.count().label("n")).group_by(ProfileVersion.enterprise_id).subquery()
        wanted = select(Enterprise.key, Enterprise.name, counted.c.n).join(counted, counted.c.enterprise_id == Enterprise.id)
        return [(key, name, count) for key, name, count in session.execute(wanted.order_by(Enterprise.id))]


def newest(session: Session, number: int = 1) -> ProfileVersion:
    found = keeping.newest_profile(session, number)
    assert found is not None
    return found


def answers(data: dict[str, Any]) -> dict[str, Any]:
    """The controls of a form for plain texts and options."""
    return {f"p.{key}": "company" if key == "applicant_kinds" else told for key, told in data.items()}


def carried(visit: Visit) -> dict[str, Any]:
    """What the last page carries beside its questions."""
    names = ("whose", "version", "source", "left", "told")
    found = {name: re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', visit.page) for name in names}
    return {name: unescape(match[1]) for name, match in found.items() if match}


def fill(visit: Visit, status: int = 200, path: str = FORM, **told: str) -> None:
    visit.post(path, status, do="save", **{**carried(visit), **answers({**COMPANY, **told})})


def bring(visit: Visit, content: str | bytes, name: str = "画像.yaml", status: int = 200) -> None:
    data = content.encode() if isinstance(content, str) else content
    visit.post("/centre/intake/file", status, file=(BytesIO(data), name))


def yaml(app: Flask, data: dict[str, Any]) -> str:
    return as_yaml(data, app.extensions[KEY].service.pack.vocabulary)


@pytest.fixture
def clerk(log_in: LogIn) -> Visit:
    return log_in("clerk")


def test_an_applicant_is_taken_in_by_the_form(clerk: Visit, engine: Engine) -> None:
    clerk.get(FORM)
    fill(clerk)
    assert "已受理，并按今天的情况对照" in clerk.page and "廊坊市固安县" in clerk.page and CODE in clerk.page
    with reading(engine) as session:
        assert newest(session).data == COMPANY
        assert newest(session).source == "form"
        row = session.execute(select(DeterminationRow)).scalar_one()
        assert (row.as_of, row.profile_id) == (TODAY, newest(session).id)
        [entry] = session.execute(select(AuditEntry).where(AuditEntry.enterprise_id == 1)).scalars()
        assert (entry.action, entry.detail, entry.by_id) == ("taken-in", {"version": 1}, row.by_id)
        enterprise = session.get_one(Enterprise, 1)
        assert (enterprise.division, enterprise.changed) == ("131022", chain.newest(session)[0])


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(clerk: Visit, engine: Engine) -> None:
    clerk.get(FORM)
    fill(clerk, 422, name=" ", registered_division="固安", staff_total="很多", credit_code="911100006000373411")
    assert clerk.page.count('class="problem"') == 2
    for field in ("credit_code", "staff_total"):
        assert re.search(rf'id="p-{field}"[^>]*aria-invalid="true"', clerk.page), field
    fill(clerk, 422, name=" ")
    assert "请填写单位名称" in clerk.page
    assert kept(engine) == []


def test_a_card_more_keeps_what_was_typed(clerk: Visit) -> None:
    clerk.get(FORM)
    clerk.post(FORM, add="projects", **{**carried(clerk), **answers(COMPANY)})
    assert COMPANY["name"] in clerk.page and 'name="p.projects.card" value="n0"' in clerk.page


def test_without_a_code_the_centre_gives_a_number(clerk: Visit, engine: Engine) -> None:
    for name in ("甲公司", "乙公司"):
        clerk.get(FORM)
        fill(clerk, name=name, credit_code="")
    assert [key for key, _, _ in kept(engine)] == ["LS-000001", "LS-000002"]


def test_one_who_is_known_is_shown_and_asked_about(clerk: Visit, engine: Engine) -> None:
    clerk.get(FORM)
    fill(clerk)
    clerk.get(FORM)
    fill(clerk, 409, registered_division="香河县")
    assert "这家企业已经受理过" in clerk.page and kept(engine) == [(CODE, COMPANY["name"], 1)]
    assert re.search(r"注册地</span> <del>廊坊市固安县</del>.*<ins>廊坊市香河县", clerk.page)
    assert carried(clerk)["version"] == "1" and "存为第 2 版" in clerk.page
    fill(clerk, registered_division="香河县")
    assert "已存为新的一版" in clerk.page and kept(engine) == [(CODE, COMPANY["name"], 2)]


def test_a_code_that_is_corrected_is_not_of_the_one_asked_about(clerk: Visit, engine: Engine) -> None:
    """Two are known, with as many versions; the second answer must not be taken for having seen the other one."""
    for code, name in ((CODE, "甲公司"), (OTHER, "乙公司")):
        clerk.get(FORM)
        fill(clerk, name=name, credit_code=code)
    clerk.get(FORM)
    fill(clerk, 409, name="乙公司", credit_code=CODE)
    fill(clerk, 409, name="乙公司", credit_code=OTHER, registered_division="香河县")
    assert OTHER in clerk.page and kept(engine) == [(CODE, "甲公司", 1), (OTHER, "乙公司", 1)]


def test_those_of_the_same_name_are_shown_and_asked_about(clerk: Visit, engine: Engine) -> None:
    clerk.get(FORM)
    fill(clerk, credit_code="")
    clerk.get(FORM)
    fill(clerk, 409, credit_code="", registered_division="香河县")
    assert "已经有同名的企业" in clerk.page and "LS-000001" in clerk.page
    clerk.post(FORM, do="save", **{**carried(clerk), **answers({**COMPANY, "credit_code": ""}), "whose": "another"})
    assert [key for key, _, _ in kept(engine)] == ["LS-000001", "LS-000002"]
    # Now it has a code: it is the second of them, whose key the code becomes.
    clerk.get(FORM)
    fill(clerk, 409)
    clerk.post(FORM, 409, do="save", **{**carried(clerk), **answers(COMPANY), "whose": "2"})
    assert "这家企业已经受理过" in clerk.page
    fill(clerk)
    assert kept(engine) == [("LS-000001", COMPANY["name"], 1), (CODE, COMPANY["name"], 2)]
    # Another code is another enterprise, whatever its name; only the one without a code may be it.
    clerk.get(FORM)
    fill(clerk, 409, credit_code=OTHER)
    asked = clerk.page.partition("<legend>已经有同名的企业")[2].partition("</fieldset>")[0]
    assert "LS-000001" in asked and CODE not in asked
    clerk.post(FORM, do="save", **{**carried(clerk), **answers({**COMPANY, "credit_code": OTHER}), "whose": "another"})
    assert kept(engine)[2:] == [(OTHER, COMPANY["name"], 1)]


def test_of_two_clerks_neither_overwrites_the_other(clerk: Visit, log_in: LogIn, engine: Engine) -> None:
    clerk.get(FORM)
    fill(clerk)
    head, path = log_in("head"), "/centre/enterprise/1/profile"
    for visit in (clerk, head):
        visit.get(path)
    fill(head, path=path, registered_division="香河县")
    fill(clerk, 409, path=path, operating_division="北京市大兴区")
    assert "别人存了新的一版" in clerk.page and "负责人" in clerk.page
    theirs, _, yours = clerk.page.partition("存下您的")
    assert re.search(r"注册地</span> <del>廊坊市固安县</del>.*<ins>廊坊市香河县", theirs.partition("别人改了这些")[2])
    assert "实际经营地" in yours.partition("</section>")[0] and 'value="北京市大兴区"' in clerk.page
    assert kept(engine) == [(CODE, COMPANY["name"], 2)]
    # Having seen it, the clerk decides.
    fill(clerk, path=path, operating_division="北京市大兴区", registered_division="香河县")
    with reading(engine) as session:
        assert newest(session).data == {**COMPANY, "registered_division": "香河县", "operating_division": "北京市大兴区"}
        assert (newest(session).number, newest(session).source) == (3, "correction")


def test_an_unchanged_profile_is_no_new_version(clerk: Visit, engine: Engine) -> None:
    clerk.get(FORM)
    fill(clerk)
    clerk.get("/centre/enterprise/1/profile")
    fill(clerk, path="/centre/enterprise/1/profile")
    assert "没有存新的一版" in clerk.page and kept(engine) == [(CODE, COMPANY["name"], 1)]


def test_the_code_of_another_is_refused_beside_its_field(clerk: Visit, engine: Engine) -> None:
    for code, name in ((CODE, "甲公司"), (OTHER, "乙公司")):
        clerk.get(FORM)
        fill(clerk, name=name, credit_code=code)
    clerk.get("/centre/enterprise/2/profile")
    fill(clerk, 409, path="/centre/enterprise/2/profile", name="乙公司", credit_code=CODE)
    assert "这个代码是另一家企业的：甲公司" in clerk.page
    assert kept(engine) == [(CODE, "甲公司", 1), (OTHER, "乙公司", 1)]


def test_a_file_is_shown_before_it_is_kept(clerk: Visit, app: Flask, engine: Engine) -> None:
    here = app.extensions[KEY].service
    clerk.get("/centre/intake")
    bring(clerk, yaml(app, {**COMPANY, **PENDING, "findings": [CLAIM]}))
    assert "里面有 1 条认定意见：只是申报人的说法" in clerk.page and kept(engine) == []
    clerk.post("/centre/intake/keep", **carried(clerk))
    assert kept(engine) == [(CODE, COMPANY["name"], 1)]
    with reading(engine) as session:
        version, row = newest(session), session.execute(select(DeterminationRow)).scalar_one()
        assert version.source == "file" and version.data is not None
        # What was brought is kept as it was, and counts for nothing.
        assert version.data["findings"] == [CLAIM] and row.findings == []
    verdicts = dict(zip((measure.id for measure in here.pack.measures), row.verdicts, strict=True))
    believed = here.screen(here.profile({**COMPANY, **PENDING, "findings": [CLAIM]}), TODAY)
    assert verdicts[MEASURE] == "P"
    assert next(result for result in believed.results if result.measure == MEASURE).verdict == "eligible"


def test_a_file_of_one_who_is_known_is_compared_first(clerk: Visit, app: Flask, engine: Engine) -> None:
    clerk.get(FORM)
    fill(clerk)
    clerk.get("/centre/intake")
    bring(clerk, yaml(app, {**COMPANY, "registered_division": "香河县", "staff_total": Decimal("12")}))
    assert "这家企业已经受理过" in clerk.page and "存为第 2 版" in clerk.page
    # Somebody else is quicker.
    page = carried(clerk)
    clerk.get("/centre/enterprise/1/profile")
    fill(clerk, path="/centre/enterprise/1/profile", operating_division="大兴区")
    clerk.post("/centre/intake/keep", 409, **page)
    assert "别人存了新的一版" in clerk.page and kept(engine)[0][2] == 2
    clerk.post("/centre/intake/keep", **carried(clerk))
    assert kept(engine)[0][2] == 3


def test_a_file_can_be_mended_in_the_form(clerk: Visit, app: Flask, engine: Engine) -> None:
    many = [{"id": f"合同{number}", "amount": f"{number + 1}万元"} for number in range(51)]
    clerk.get("/centre/intake")
    bring(clerk, yaml(app, {"credit_code": CODE, "contracts": many, "findings": [CLAIM]}), status=422)
    assert "请填写单位名称" in clerk.page and "有 51 条，太多" in clerk.page
    fill(clerk)
    with reading(engine) as session:
        version = newest(session)
        assert version.data == {**COMPANY, "contracts": many, "findings": [CLAIM]} and version.source == "file"
    clerk.get("/centre/intake")
    bring(clerk, yaml(app, {**COMPANY, "credit_code": OTHER, "name": "乙公司"}))
    clerk.post(FORM, do="fill", **carried(clerk))
    assert 'value="乙公司"' in clerk.page and carried(clerk)["source"] == "file"


def determination(app: Flask) -> dict[str, Any]:
    """Of one document alone, so that the test client keeps the upload in memory."""
    here = app.extensions[KEY].service
    chosen = compile_pack(select_rules(here.pack, ["tongzhou-2024"], (), lambda *_: ""))
    made = determine(chosen, here.profile(COMPANY), TODAY, ReferenceSolver())
    found: dict[str, Any] = json.loads(made.to_json())
    return found


def test_a_determination_is_made_again_before_anything_is_kept(clerk: Visit, app: Flask, engine: Engine) -> None:
    told = determination(app)
    clerk.get("/centre/intake")
    bring(clerk, json.dumps(told, ensure_ascii=False), "认定记录.json")
    assert "重新得出的全部一致" in clerk.page and "结论只作核对，不保存" in clerk.page
    wrong = next(result for result in told["results"] if result["verdict"] == "ineligible")
    wrong["verdict"] = "eligible"
    bring(clerk, json.dumps(told, ensure_ascii=False), "认定记录.json")
    assert "其中 1 项有 1 处与重新得出的不同" in clerk.page and kept(engine) == []
    assert "<td>写的是 可享受</td><td>应为 不符合</td>" in clerk.page
    clerk.post("/centre/intake/keep", **carried(clerk))
    with reading(engine) as session:
        row = session.execute(select(DeterminationRow)).scalar_one()
        order = [measure.id for measure in app.extensions[KEY].service.pack.measures]
        assert row.verdicts[order.index(wrong["measure"])] == "N"


WRONG: list[tuple[str, bytes, str]] = [
    ("空.yaml", b"  \n", "文件是空的"),
    ("图片.yaml", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "没有读入"),
    ("乱.yaml", "name: [甲\n".encode(), "没有读入"),
    ("清单.yaml", b"- 1\n- 2\n", "画像应是"),
    ("未知.yaml", "nmae: 甲公司\n".encode(), "不认识的字段“nmae”"),
    ("半截.json", b'{"pack_version": "1", "results": [', "没有读入"),
    ("怪.json", b'{"pack_version": 1, "results": [], "profile": {}, "as_of": "2026-11-22"}', "规则版本（pack_version）不是文字"),
    ("控制符.json", b'{"name": "a\\u0000b"}', "没有读入"),
    ("假.xlsx", b"not a workbook", "不是 .xlsx 工作簿"),
    ("多.yaml", ("name: 甲\ncontracts:\n" + "  - {amount: 1万元}\n" * 301).encode(), "网页最多 300 条"),
    ("代码.yaml", f"name: 甲公司\ncredit_code: {CODE[:-1]}X\n".encode(), "校验码不符"),
]


def test_what_cannot_be_read_is_told_with_its_place(clerk: Visit, engine: Engine) -> None:
    clerk.get("/centre/intake")
    for name, content, said in WRONG:
        bring(clerk, content, name, 422)
        assert said in unescape(clerk.page), (name, clerk.page)
    clerk.post("/centre/intake/file", 422, text="")
    clerk.post("/centre/intake/file", 422, text="name: 甲公司\nstaff_total: 很多\n")
    assert "第 2 行" in clerk.page and "staff_total: 很多" in clerk.page
    clerk.post("/centre/intake/file", 413, text="x" * (9 * 1024 * 1024))
    assert kept(engine) == []


def test_a_page_that_was_changed_is_refused(clerk: Visit, engine: Engine) -> None:
    clerk.get("/centre/intake")
    for told, left in (("[1]", "{}"), ("{", "{}"), ('{"name": "甲"}', "x")):
        clerk.post("/centre/intake/keep", 400, told=told, left=left)
    clerk.post("/centre/intake/keep", 422, told='{"name": "甲", "nmae": 1}')
    assert kept(engine) == []


def test_who_may_not_take_in_is_refused(log_in: LogIn) -> None:
    for name in ("reviewer", "auditor", "administrator"):
        log_in(name).get("/centre/intake", 403)


def test_an_enterprise_that_is_not_there(clerk: Visit) -> None:
    for number in (7, 99999999999999999999):
        clerk.get(f"/centre/enterprise/{number}/profile", 404)
        clerk.post(f"/centre/enterprise/{number}/profile", 404, do="save", **answers(COMPANY))
    clerk.post(FORM, 404, do="save", whose="7", **answers(COMPANY))
