"""The result page against the determination of the command line: counts, amounts, trees, sources, filters, dates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from engine.determination import Determination, Result, group_of
from engine.diagnostics import Findings
from engine.loader import load_pack
from engine.yaml_source import read_file
from tests.helpers import ROOT
from web.amounts import range_in_words
from web.app import create_app
from web.official_texts import OfficialText, official_texts
from web.settings import Settings
from web.site.state import State
from web.summary import GROUPS, summarise

Post = Callable[..., TestResponse]
SAMPLES = ("mixed@2017-06-30", "mixed@2022-06-30", "langfang-2016@2017-06-30", "daxing-2021@2022-06-30", "beijing-mixed@2026-11-01")
FRAGMENT = {"X-Fragment": "1"}
HOSTILE = "<script>alert(1)</script>\"'&lt;{{7*7}}</textarea></details>"


def told(sample: str) -> State:
    """A sample as a visitor has told it, at its day."""
    name, _, day = sample.partition("@")
    source = read_file(ROOT / "samples" / f"{name}.yaml", Findings(), rule_file=False)
    assert source is not None
    return State(source.data, date.fromisoformat(day))


def expected(sample: str) -> Determination:
    """The determination that ``huiqi check`` gives, as it is stored."""
    return Determination(**json.loads((ROOT / "samples" / "expected" / f"{sample}.json").read_text("utf-8")))


def words(page: str) -> str:
    """The text of a page, with blanks as one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def sections(page: str) -> dict[str, list[str]]:
    """The measures listed under each heading of the result, by the id of the section."""
    found: dict[str, list[str]] = {}
    for part in re.split(r'(?=<section id=")', page)[1:]:
        name = re.match(r'<section id="([^"]+)"', part)
        assert name
        found[name[1]] = re.findall(r'<article class="measure [^"]*" id="m-([^"]+)"', part)
    return found


@pytest.mark.parametrize("sample", SAMPLES)
def test_groups_are_those_of_the_command_line(post: Post, sample: str) -> None:
    answer = post("/result", {"state": told(sample).text()})
    assert answer.status_code == 200
    found = expected(sample)
    groups = {key: [result.measure for result in found.results if group_of(result) == key] for key in GROUPS}
    tiles = dict(re.findall(r'class="tile (\w+)"[^>]*><b>(\d+)</b>', answer.text))
    assert tiles == {key: str(len(members)) for key, members in groups.items()}
    listed = sections(answer.text)
    assert {key: sorted(listed.get(key, [])) for key in GROUPS} == {key: sorted(ids) for key, ids in groups.items()}


@pytest.mark.parametrize("sample", SAMPLES)
def test_amounts_are_those_of_the_determination(post: Post, sample: str) -> None:
    page = post("/result", {"state": told(sample).text()}).text
    summary = summarise(expected(sample), load_pack())
    sheets = re.findall(r"<caption>付给(.*?)</caption>(.*?)</table>", page, re.DOTALL)
    assert [label for label, _ in sheets] == [payee.label for payee in summary.payees]
    for (_, sheet), payee, key in zip(sheets, summary.payees, summary.determination.totals, strict=True):
        foot = re.findall(r'<td class="figure">(.*?)</td>', sheet.partition("<tfoot>")[2])
        assert [unescape(text) for text in foot] == [payee.confirmed, payee.possible]
        rows = {
            ident: (unescape(steps), unescape(amount))
            for ident, steps, amount in re.findall(
                r'<a href="#m-([^"]+)">.*?<td>(.*?)</td><td class="figure">(.*?)</td>', sheet, re.DOTALL
            )
        }
        wanted = [
            result
            for result in summary.determination.results
            if result.payee == key and result.amount_range_yuan and result.amount_range_yuan[1] != "0"
        ]
        assert set(rows) == {result.measure for result in wanted if result.verdict in ("eligible", "undetermined")}
        for result in wanted:
            assert rows[result.measure][1] == range_in_words(result.amount_range_yuan or ("0", "0"))
            assert all(step in rows[result.measure][0] for step in result.calculation)


@pytest.mark.parametrize(
    "sample, measure",
    [
        ("mixed@2022-06-30", "dx21-tech-sme-financing-service"),
        ("mixed@2022-06-30", "dx21-talent-programme-1to1-match"),
        ("mixed@2022-06-30", "dx21-rd-centre-support"),
        ("mixed@2017-06-30", "lf16-intermediary-jingjin-to-langfang-commission-award"),
        ("langfang-2016@2017-06-30", "lf16-outside-institution-investment-subsidy"),
        ("langfang-2016@2017-06-30", "lf16-city-collaborative-innovation-base-award"),
        ("beijing-mixed@2026-11-01", "dx25-grant-equity-linkage"),
        ("beijing-mixed@2026-11-01", "dx25-key-project-enterprise-service-package"),
    ],
)
def test_an_opened_measure_shows_its_whole_tree(post: Post, sample: str, measure: str) -> None:
    answer = post("/result/measure", {"state": told(sample).text(), "measure": measure}, headers=FRAGMENT)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    result, text = next(r for r in expected(sample).results if r.measure == measure), words(answer.text)
    for reason in _every_reason(result):
        for part in (reason["label"], reason["value"], reason["gap"], reason["note"], reason["derivation"]):
            assert not part or " ".join(part.split()) in text
    for phrase in result.citation.phrases:
        assert phrase in text
    assert all(step in text for step in result.calculation)
    assert all(name in text for name in result.citation.departments)


def _every_reason(result: Result) -> list[dict[str, Any]]:
    """What is said in words of its own: not the group around everything, nor a doubt, nor what is negated."""
    data = result.model_dump()
    trees = [item["reasons"] for item in data["items"]] if data["items"] else [data["reasons"]]
    shown = []
    for tree in trees:
        negations = {reason["node"] for reason in tree if reason["kind"] == "not"}
        for reason in tree:
            doubt = reason["judgement"] and "~" in reason["judgement"]
            if reason["node"].rpartition(".")[0] in negations:
                reason["label"] = ""
            if not doubt and reason["label"] != "以下全部满足":
                shown.append(reason)
    return shown


def test_the_picture_tells_statuses_by_shape_colour_and_word(post: Post) -> None:
    form = {"state": told("mixed@2022-06-30").text(), "measure": "dx21-tech-sme-financing-service"}
    page = post("/result/measure", form, headers=FRAGMENT).text
    nodes = re.findall(r'<li class="node (\w+)( decides)?( group)?">', page)
    assert ("satisfied", " decides", "") in nodes
    assert ("satisfied", " decides", " group") in nodes
    assert ("not_satisfied", "", "") in nodes
    assert page.count('<svg class="shape satisfied"') >= 4
    assert "不满足" in words(page)
    assert 'data-between="或"' in page
    assert "满足一项即可" in page


def test_a_measure_opens_as_a_page_of_its_own_without_a_script(post: Post) -> None:
    form = {"state": told("mixed@2022-06-30").text(), "measure": "dx21-rd-centre-support", "place": "北京市大兴区"}
    page = post("/result/measure", form)
    assert "<h1>支持建设高水平研发中心</h1>" in page.text
    assert '<input type="hidden" name="place" value="北京市大兴区">' in page.text
    again = post("/result", {"place": "北京市大兴区"}, after=page.text)
    assert 'id="m-dx21-rd-centre-support"' in again.text
    assert "这是 2022年6月30日" in words(again.text)


def test_every_listed_measure_can_be_opened(post: Post) -> None:
    state = told("langfang-2016@2017-06-30").text()
    listed = set(re.findall(r'name="measure" value="([^"]+)"', post("/result", {"state": state}).text))
    assert listed == {measure.id for measure in load_pack().measures}
    for id in sorted(listed)[::9]:
        assert post("/result/measure", {"state": state, "measure": id}, headers=FRAGMENT).status_code == 200


def test_missing_facts_lead_to_their_questions(post: Post) -> None:
    page = post("/result", {"state": told("beijing-mixed@2026-11-01").text()}).text
    facts = re.search(r'<section id="facts".*?</section>\s*</section>', page, re.DOTALL)
    assert facts
    keys = re.findall(r'formaction="/ask" name="key" value="([^"]+)"', facts[0])
    lists = {kind.list for kind in load_pack().vocabulary.records.values()}
    fields = {field.path for field in load_pack().vocabulary.enterprise}
    assert keys
    assert set(keys) <= lists | fields
    assert "events" in keys
    asked = post("/ask", {"key": "events"}, after=page)
    assert asked.status_code == 200
    assert "主办、承办或参与了哪些活动？" in asked.text


def test_the_day_can_be_changed_and_is_said_when_it_is_not_today(post: Post) -> None:
    state = State(told("mixed@2022-06-30").data).text()
    today = post("/result", {"state": state}).text
    assert "不是今天" not in today
    earlier = post("/result", {"state": state, "as_of": "2022-06-30"}).text
    assert "这是 2022年6月30日 的结论，不是今天（2026年11月22日）的" in words(earlier)
    assert "50万元 × 1:1 = 50万元" in earlier
    back = post("/result", {"as_of": "2026-11-22"}, after=earlier).text
    assert "不是今天" not in back
    assert '"as_of":null' in unescape(back)


@pytest.mark.parametrize("day", ["2022-13-40", "明天", "2022"])
def test_a_day_that_cannot_be_read_changes_nothing(post: Post, day: str) -> None:
    answer = post("/result", {"state": told("mixed@2022-06-30").text(), "as_of": day})
    assert answer.status_code == 200
    assert "评估日没有改" in answer.text
    assert 'aria-describedby="as-of-problem"' in answer.text
    assert "这是 2022年6月30日 的结论" in words(answer.text)


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_days_far_away_have_a_result(post: Post, day: str) -> None:
    answer = post("/result", {"state": told("mixed@2022-06-30").text(), "as_of": day})
    assert answer.status_code == 200
    assert "不是今天" in answer.text


def test_an_emptied_day_is_today(post: Post) -> None:
    answer = post("/result", {"state": told("mixed@2022-06-30").text(), "as_of": ""})
    assert "不是今天" not in answer.text


def test_filters_narrow_the_list_and_not_the_counts(post: Post) -> None:
    form = {"state": told("beijing-mixed@2026-11-01").text()}
    whole = post("/result", form).text
    narrowed = post("/result", {**form, "department": "区科委", "benefit": "服务"}).text
    pack = load_pack()
    chosen = {m.id for m in pack.measures if "区科委" in m.spec.departments and m.spec.benefit.kind == "service"}
    assert chosen
    assert {id for ids in sections(narrowed).values() for id in ids} == chosen
    tiles = r'class="tile \w+"[^>]*><b>\d+</b>'
    assert re.findall(tiles, narrowed) == re.findall(tiles, whole)
    assert f"只显示 {len(chosen)} 项，共 124 项" in words(narrowed)
    again = post("/result", {**form, "department": "区科委", "benefit": "服务", "all": "1"}).text
    assert sections(again) == sections(whole)


def test_a_district_includes_what_its_city_gives(post: Post) -> None:
    form = {"state": told("beijing-mixed@2026-11-01").text(), "place": "北京市大兴区"}
    page = post("/result", form).text
    documents = {measure.id: measure.document for measure in load_pack().measures}
    shown = {documents[id] for ids in sections(page).values() for id in ids}
    assert shown == {"daxing-2021", "daxing-2025", "zgc-2024"}


def test_a_filter_that_nothing_passes_says_so(post: Post) -> None:
    page = post("/result", {"state": told("mixed@2022-06-30").text(), "department": "没有的部门"}).text
    assert "没有这样的措施" in page
    assert not any(sections(page).values())


def test_the_timeline_says_in_words_what_it_draws(post: Post) -> None:
    page = post("/result", {"state": told("mixed@2022-06-30").text()}).text
    bars = re.findall(r'role="img" aria-label="([^"]+)"', page)
    assert bars == [
        "2016年1月1日至2018年12月31日，已过有效期",
        "2021年4月12日至2023年12月31日，在有效期内",
        "2024年2月27日至2026年12月31日，尚未生效",
        "2024年10月9日起，未规定终止日，尚未生效",
        "2025年12月25日至2027年12月31日，尚未生效",
    ]
    assert 'name="day" value="2018-12-31"' in page
    other = post("/result", {"as_of": "2022-06-30", "day": "2018-12-31"}, after=page).text
    assert "这是 2018年12月31日 的结论" in words(other)


def test_programmes_of_documents_in_force_are_context(post: Post) -> None:
    page = post("/result", {"state": told("mixed@2022-06-30").text()}).text
    context = page.partition('id="programmes"')[2]
    in_force = [item for item in expected("mixed@2022-06-30").programmes if item.in_force]
    assert in_force
    assert all(item.title in unescape(context) for item in in_force)


def test_hostile_text_stays_text(post: Post) -> None:
    data = {
        "name": HOSTILE,
        "registered_division": "固安县",
        "recognitions": [{"id": HOSTILE, "kind": "协同创新基地", "tier": "市级", "issuer": "廊坊市", "issued": "2017-03-01"}],
        "projects": [{"id": HOSTILE}],
    }
    state = State(data, date(2017, 6, 30)).text()
    opened = {"state": state, "measure": "lf16-city-collaborative-innovation-base-award"}
    pages = [
        post("/result", {"state": state, "place": HOSTILE, "set.name": HOSTILE, "try": "1"}),
        post("/result/measure", opened),
        post("/result/measure", opened, headers=FRAGMENT),
        post("/result", {"state": state, "as_of": HOSTILE}),
    ]
    for answer in pages:
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "</textarea>" not in answer.text
        assert "49" not in re.findall(r"&lt;(\d+)&lt;", answer.text)
    assert "&lt;script&gt;alert(1)" in pages[1].text


def test_broken_requests_are_told_what_to_do(post: Post, client: FlaskClient) -> None:
    assert client.get("/result").status_code == 303
    assert client.post("/result").status_code == 400
    assert post("/result", {"state": "{"}).status_code == 400
    state = told("mixed@2022-06-30").text()
    assert post("/result/measure", {"state": state, "measure": "nothing"}).status_code == 404
    broken = State({"staff_total": "很多很多"}).text()
    for more in ({"try": "1"}, {"way": "dx21-rd-centre-support:0"}, {"trial": broken}, {"as_of": "9999-12-31"}):
        assert post("/result", {"state": broken, **more}).status_code == 400
    assert post("/result", {"state": state, "trial": broken}).status_code == 400
    assert post("/result/measure", {"state": broken, "measure": "dx21-rd-centre-support"}).status_code == 400
    unreadable = post("/result", {"state": broken})
    assert unreadable.status_code == 400
    assert "从业人数" in unreadable.text
    assert 'action="/profile"' in unreadable.text
    assert "画像:" not in unreadable.text


def test_nothing_told_has_a_result_too(post: Post) -> None:
    page = post("/result", {"state": State().text()}).text
    assert "未填写名称的企业" in page
    assert "还没有回答任何问题" in page
    tiles = {key: int(count) for key, count in re.findall(r'class="tile (\w+)"[^>]*><b>(\d+)</b>', page)}
    assert tiles["facts"] > 0
    assert {key: len(sections(page).get(key, [])) for key in GROUPS} == tiles


@pytest.mark.shared
def test_the_official_text_of_a_clause_is_shown_with_the_phrase_marked() -> None:
    at_hand = Settings(sources=ROOT.parent / "shared" / "sources", today=lambda: date(2026, 11, 22))
    app = create_app(at_hand)
    app.config["WTF_CSRF_ENABLED"] = False
    form = {"state": told("mixed@2017-06-30").text(), "measure": "lf16-provincial-tech-town-support"}
    page = app.test_client().post("/result/measure", data=form, headers=FRAGMENT).text
    spec = load_pack().measure(form["measure"]).spec
    assert all(phrase in "".join(re.findall("<mark>(.*?)</mark>", page)) for phrase in spec.cite)
    assert "支持成果转化载体建设" in page
    assert "与核对过的官方文本一致" in page


def test_a_text_that_is_not_the_checked_one_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "langfang-2016.txt").write_text("给予50万元资金支持。", "utf-8")
    assert official_texts(load_pack(), None, tmp_path) == {}
    assert official_texts(load_pack(), None, None) == {}


def test_a_clause_begins_with_the_line_that_opens_it() -> None:
    text = OfficialText("前言。\n三、政策\n(一)奖励。\n  对甲给予一次性奖励10万元;对乙不给。\n(二)其他。")
    paragraphs = text.clause(["一次性奖励10万元", "没有这句"])
    assert [item.line for item in paragraphs] == [3, 4]
    assert paragraphs[1].pieces == (("对甲给予", False), ("一次性奖励10万元", True), (";对乙不给。", False))


WORDS = st.sampled_from(["是", "无", "10-20", "大兴区", "2022-01-01", "企业"])
NAMES = st.sampled_from(["id", "partial", "items", "kind", "date"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
LISTS = ("recognitions", "talents", "findings", "annuals")
KEYS = st.sampled_from([*(field.path for field in load_pack().vocabulary.enterprise), *LISTS, "x"])
FIELDS = st.sampled_from(["try", "way", "keep", "as_of", "day", "place", "trial", "set.staff_total"])
TEXTS = st.sampled_from(["1", "", "dx25-grant-equity-linkage:0", "2026-01-01", "很多"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(KEYS, JSON | WORDS, max_size=4), form=st.dictionaries(FIELDS, TEXTS, max_size=4))
def test_no_request_breaks_the_site(post: Post, data: dict[str, Any], form: dict[str, str]) -> None:
    state = State(data).text()
    for path in ("/result", "/result/measure"):
        answer = post(path, {"measure": "dx25-grant-equity-linkage", **form, "state": state})
        assert answer.status_code in (200, 400)
