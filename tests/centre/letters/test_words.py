"""What letters say: everything missing once, every condition, who judged, and nothing that nobody stated."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from engine.determination import group_of
from engine.screening import screen
from tests.centre.letters.conftest import AWARD, CENTRE, DAY, JUDGED, KEY, OPEN, sample
from web.centre.choices import Choices
from web.centre.letters.basis import Basis
from web.centre.letters.letter import Block, Heading, Letter, Pairs, Paragraph, Table, cleaned, words
from web.centre.letters.missing import wanted
from web.centre.letters.opinion import MOST, opinion
from web.centre.letters.supply import Asked, choosable, supply
from web.summary import GROUPS


def asking(basis: Basis, **told: str) -> Letter:
    return supply(basis, Asked([result.measure for result in choosable(basis)], **told), CENTRE, "受理员", DAY)


def about(basis: Basis, measure: str, note: str = "") -> Letter:
    return opinion(basis, measure, note, CENTRE, "受理员", DAY)


def pairs(letter: Letter) -> dict[str, str]:
    return {label: text for block in letter.blocks if isinstance(block, Pairs) for label, text in block.rows}


def tables(letter: Letter, head: str) -> list[Table]:
    return [block for block in letter.blocks if isinstance(block, Table) and block.head[0] == head]


def texts(letter: Letter) -> str:
    return "\n".join(words(letter))


def test_every_missing_fact_is_asked_for_once(basis: Basis) -> None:
    asked = wanted(choosable(basis), basis.pack)
    missing = {path for result in basis.found.results for path in result.missing}
    assert [item.path for item in asked] and sorted(item.path for item in asked) == sorted(missing)
    for item in asked:
        assert {result.measure for result in item.waiting} == {r.measure for r in basis.found.results if item.path in r.missing}
        assert item.question and item.form and "%" not in item.form.replace("5%", "")


def test_a_record_s_field_names_the_records_that_lack_it(basis: Basis) -> None:
    (item,) = [item for item in wanted(choosable(basis), basis.pack) if item.label == "认定·被认定对象所在地"]
    assert item.records == ["智能感知产业联盟"]


def test_the_measures_that_wait_are_cited_verbatim(basis: Basis) -> None:
    (table,) = tables(asking(basis), "序号")
    assert [row[1] for row in table.rows] == [result.title for result in choosable(basis)]
    for row, result in zip(table.rows, choosable(basis), strict=True):
        phrases = re.findall("“(.*)”", row[3])
        assert phrases == basis.pack.measure(result.measure).spec.cite and all(len(phrase) <= 40 for phrase in phrases)
        assert result.clause in row[2] and result.citation.title.strip("《》") in row[2]


def test_only_what_was_chosen_is_in_the_letter(basis: Basis) -> None:
    letter = supply(basis, Asked([OPEN]), CENTRE, "受理员", DAY)
    (table,) = tables(letter, "序号")
    assert [row[1] for row in table.rows] == [basis.pack.measure(OPEN).spec.title]
    result = basis.result(OPEN)
    assert result is not None and texts(letter).count("怎样填写") == len(set(result.missing))


def test_no_deadline_is_invented(basis: Basis) -> None:
    assert "期限" not in texts(asking(basis))
    assert pairs(asking(basis, deadline="收到之日起十五日内"))["报送期限"] == "收到之日起十五日内"


def test_the_centre_says_who_and_where_it_is(basis: Basis) -> None:
    told = pairs(asking(basis, note="请带原件"))
    assert (told["中心"], told["联系方式"], told["地址"]) == (CENTRE.name, CENTRE.contact, CENTRE.address)
    assert told["经办人"] == "受理员" and told["另外说明"] == "请带原件"
    assert asking(basis).closing == [CENTRE.name, "2026年11月22日"]


def test_a_centre_without_choices_leaves_no_gaps(basis: Basis) -> None:
    letter = supply(basis, Asked([OPEN]), Choices(), "受理员", DAY)
    assert letter.closing == ["2026年11月22日"] and "中心" not in pairs(letter)


@pytest.mark.parametrize("measure", [AWARD, JUDGED, OPEN])
def test_a_letter_names_what_it_rests_on(basis: Basis, measure: str) -> None:
    for letter in (about(basis, measure), asking(basis)):
        told = pairs(letter)
        assert told["认定记录"] == f"第 {basis.row.id} 号" and basis.link[1] in told["存证"] and len(basis.link[1]) == 64
        assert told["规则版本"] == basis.row.pack_version and told["评估日"] == "2017年6月30日" and told["资料"] == "第 1 版"
        assert "是否给予、给予多少，由主管部门决定" in texts(letter)


@pytest.mark.parametrize("result", range(47, 60))
def test_the_verdict_and_every_condition_are_told(basis: Basis, result: int) -> None:
    found = basis.found.results[result]
    letter = about(basis, found.measure)
    assert Paragraph(GROUPS[group_of(found)], "strong") in letter.blocks
    said = texts(letter)
    assert found.title in said and KEY in said and sample()["name"] in said
    for phrase in found.citation.phrases:
        assert f"“{phrase}”" in said
    decided = [item for item in found.items or () if item.verdict == found.verdict]
    for reasons in [item.reasons for item in decided] or [found.reasons]:
        for reason in reasons:
            if reason.kind == "condition" and "~" not in reason.node:
                assert reason.label in said
                assert not reason.value or reason.value in said
    for item in found.items or ():
        assert item.record in said


def test_an_amount_comes_with_its_calculation(basis: Basis) -> None:
    result, told = basis.result(AWARD), pairs(about(basis, AWARD))
    assert result is not None and result.verdict == "eligible"
    assert told["金额"] == "10万元" and result.calculation and told["算法"] == "\n".join(result.calculation)
    assert told["付给"] == "申报单位"


def test_findings_are_told_with_both_people(basis: Basis) -> None:
    (table,) = [table for table in tables(about(basis, JUDGED), "事项") if len(table.head) == 6]
    (row,) = table.rows
    assert row[:4] == ("属于龙头企业", "本单位", "成立", "连续三年产值第一")
    assert row[4] == ("审核员甲\n2017年6月1日 09:00") and row[5] == "审核员乙\n2017年6月1日 09:00"
    (open_,) = [table for table in tables(about(basis, JUDGED), "事项") if len(table.head) == 3]
    assert [row[0] for row in open_.rows] == ["属于重大科研成果"]
    conditions = [row for table in tables(about(basis, JUDGED), "序号") for row in table.rows]
    assert ("满足", "由审核员甲认定，见第三部分") in [row[2:] for row in conditions if "龙头企业" in row[1]]


def test_of_many_records_the_first_are_told_in_full(basis: Basis) -> None:
    base = {"kind": "协同创新基地", "tier": "市级", "issuer": "廊坊市", "issued": "2017-03-01"}
    data = {**sample(), "recognitions": [{"id": f"基地{number}", **base} for number in range(1, MOST + 6)]}
    found = screen(data, basis.pack, as_of=basis.row.as_of)
    letter = about(replace(basis, found=found), AWARD)
    headings = [block.text for block in letter.blocks if isinstance(block, Heading) and block.level == 2]
    assert headings == [*(f"基地{number}（符合）" for number in range(1, MOST + 1)), "其他记录"]
    (others,) = tables(letter, "记录")
    assert others.rows == tuple((f"基地{number}", "符合", "10万元；定额10万元") for number in range(MOST + 1, MOST + 6))
    assert pairs(letter)["金额"] == "10万元" and "350万元" in texts(letter)


def test_people_are_named_only_where_the_measure_reads_it(basis: Basis) -> None:
    """The reason of a finding may name somebody whom the measure has nothing to do with."""
    told = replace(basis.reviews[0], why="王某某的项目已投产")
    data = {**sample(), "talents": [{"id": "王某某"}]}
    named = replace(basis, reviews=(told,), found=screen(data, basis.pack, as_of=basis.row.as_of))
    assert named.seen_by("clerk", [JUDGED]).reviews[0].why == "王**的项目已投产"
    (reader,) = [item.id for item in basis.pack.measures if item.spec.title == "科技创新人才资助计划：杰出青年"]
    assert named.seen_by("clerk", [reader]).reviews[0].why == "王某某的项目已投产"
    assert named.seen_by("auditor", [reader]).reviews[0].why == "王**的项目已投产"


def test_a_measure_without_judgements_says_so(basis: Basis) -> None:
    assert "没有需要由人认定的事项。" in texts(about(basis, AWARD))


def test_a_remark_has_its_own_heading(basis: Basis) -> None:
    assert "五、说明" not in texts(about(basis, AWARD)) and "五、核对" in texts(about(basis, AWARD))
    assert "六、核对" in texts(about(basis, AWARD, "另附收据")) and "另附收据" in texts(about(basis, AWARD, "另附收据"))


def test_what_no_document_can_hold_is_left_out() -> None:
    blocks: tuple[Block, ...] = (Paragraph("甲\x0b乙\ud800"), Pairs((("a\x00", "b\x1f"),)), Table(("c",), (("d\ufffe",),), (100,)))
    letter = cleaned(Letter("题\x07", "题", blocks, "中\x01心", "今天", date(2026, 1, 1)))
    assert list(words(letter)) == ["题", "甲乙", "a", "b", "c", "d", "中心", "今天"]
