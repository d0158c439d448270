"""What a visitor takes along, in Chinese: features/take-along.feature over the real application and the command."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pytest_bdd import given, parsers, scenarios, then, when

from cli.main import huiqi
from engine.circuit import Solver
from engine.diagnostics import Findings
from engine.loader import load_pack
from engine.reference import ReferenceSolver
from engine.yaml_source import read_file
from tests.bdd.story import Table
from web.app import create_app
from web.settings import Settings
from web.site.state import State

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
scenarios(str(ROOT / "features" / "take-along.feature"))


@cache
def site(executor: str) -> Any:
    """The application on its fixed day, under one executor."""
    return create_app(Settings(today=lambda: TODAY, secret="tests", executor=executor, page_rate="100000 per minute"))


@dataclass(slots=True)
class Traveller:
    """A visitor, what was told, and what was taken along."""

    client: FlaskClient
    sample: Path | None = None
    profile: Any = None
    as_of: str = ""
    report: str = ""
    record: bytes = b""
    checked: str = ""

    def send(self, path: str, **form: Any) -> bytes:
        """Post a form with the token of the first page."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/").text)
        assert token
        answer = self.client.post(path, data={"csrf_token": unescape(token[1]), **form})
        assert answer.status_code == 200
        return answer.data

    def told(self) -> str:
        """What the forms of the site carry."""
        return State(self.profile, date.fromisoformat(self.as_of)).text()


@pytest.fixture
def traveller(solver: Solver) -> Traveller:
    """Somebody who has just come; every scenario runs under both executors."""
    return Traveller(site("reference" if isinstance(solver, ReferenceSolver) else "forward").test_client())


@given(parsers.parse("用户带来画像“{sample}”，评估日是“{day}”"))
def brings(traveller: Traveller, sample: str, day: str) -> None:
    traveller.sample, traveller.as_of = ROOT / "samples" / sample, day
    source = read_file(traveller.sample, Findings(), rule_file=False)
    assert source is not None
    traveller.profile = source.data


@when("用户下载报告")
def takes_report(traveller: Traveller) -> None:
    data = traveller.send("/report.pdf", state=traveller.told())
    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages]
    traveller.report = re.sub(r"\s+", "", "".join(pages))


@when("用户下载认定记录")
def takes_record(traveller: Traveller) -> None:
    traveller.record = traveller.send("/determination.json", state=traveller.told())


@when(parsers.parse("有人把“{title}”的金额改成“{amount}”元"))
def changes_amount(traveller: Traveller, title: str, amount: str) -> None:
    told = json.loads(traveller.record)
    (result,) = [result for result in told["results"] if result["title"] == title]
    result["amount_yuan"] = amount
    traveller.record = json.dumps(told).encode()


@when(parsers.parse("有人把规则版本改成“{version}”"))
def changes_version(traveller: Traveller, version: str) -> None:
    traveller.record = json.dumps({**json.loads(traveller.record), "pack_version": version}).encode()


@when("用户核对这份认定记录")
def checks(traveller: Traveller) -> None:
    # Compact, so that the client needs no temporary file for it; spaces say nothing.
    compact = json.dumps(json.loads(traveller.record), ensure_ascii=False, separators=(",", ":")).encode()
    traveller.checked = unescape(traveller.send("/verify", determination=(BytesIO(compact), "认定记录.json")).decode())


@then("报告里有：")
def report_has(traveller: Traveller, datatable: Table) -> None:
    for (text,) in datatable[1:]:
        assert text in traveller.report


@then("报告里有规则版本")
def report_has_version(traveller: Traveller) -> None:
    assert load_pack().version in traveller.report


@then("核对的结果是“一致”")
def confirmed(traveller: Traveller) -> None:
    assert "重新得出的全部一致" in traveller.checked


@then("核对的结果是“不一致”")
def refuted(traveller: Traveller) -> None:
    assert "处与重新得出的不同" in traveller.checked


@then(parsers.parse("指出的是“{title}”：写的是“{told}”，应为“{derived}”"))
def pointed_out(traveller: Traveller, title: str, told: str, derived: str) -> None:
    (row,) = re.findall(rf"✗ {re.escape(title)}.*?</tbody>", traveller.checked, re.DOTALL)
    assert f'写的是 "{told}"' in row
    assert f'应为 "{derived}"' in row
    assert row.count("<td>金额 amount_yuan</td>") == 1


@then(parsers.parse("先说明规则版本“{version}”与现有的不同"))
def version_said(traveller: Traveller, version: str) -> None:
    said = traveller.checked.find(f"规则版本不同：认定记录写的是 {version}，现有规则是 {load_pack().version}")
    assert 0 < said < traveller.checked.find("处与重新得出的不同")


@then("接口给出的认定记录逐字节相同")
def same_by_api(traveller: Traveller) -> None:
    body = json.dumps({"profile": traveller.profile, "as_of": traveller.as_of}, ensure_ascii=False, default=str)
    answer = traveller.client.post("/api/v1/screen", data=body.encode(), content_type="application/json")
    assert answer.data == traveller.record


@then("命令行给出的认定记录逐字节相同")
def same_by_command(traveller: Traveller) -> None:
    said = CliRunner().invoke(huiqi, ["check", str(traveller.sample), "--as-of", traveller.as_of, "--format", "json"])
    assert said.stdout_bytes == traveller.record
