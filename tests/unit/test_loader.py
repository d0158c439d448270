"""Loading a rules directory: what belongs to it, its version, documents apart, and every problem at once."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from engine import InputError, load_pack
from engine.diagnostics import Findings
from engine.loader import BUILT_IN, case_files, read_pack, rules_directory
from tests.helpers import TEMPLATE, document, measure, write_rules


def file_of(*measures: str) -> str:
    return "measures:\n" + indent("".join(measures), "  ")


STAFF = "{field: staff, at_least: 50}"
MEASURE = file_of(measure(STAFF))
CASES = """
cases:
  - {name: 甲, measure: m, as_of: 2021-06-30, profile: {staff: 50}, expect: {verdict: eligible}}
"""


def codes(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [finding.code for finding in error.value.findings]


def test_a_directory_without_packs(tmp_path: Path) -> None:
    """Said once, with what should be there."""
    with pytest.raises(InputError) as error:
        load_pack(tmp_path)
    assert codes(error) == ["rules-no-directory"]
    (finding,) = error.value.findings
    assert (finding.file, finding.line) == (str(tmp_path), 0)
    assert "packs/" in finding.hint


def test_a_directory_with_no_document_at_all(tmp_path: Path) -> None:
    """An empty folder of packs is an empty pack."""
    (tmp_path / "packs").mkdir()
    assert load_pack(tmp_path).measures == ()


def test_an_unknown_document_names_the_known_ones(tmp_path: Path) -> None:
    folder = write_rules(tmp_path / "rules", {})
    with pytest.raises(InputError) as error:
        load_pack(folder, document="tset")
    assert codes(error) == ["rules-no-document"]
    assert "test" in error.value.findings[0].hint


def two_documents(folder: Path) -> Path:
    other = (
        document()
        .replace("id: test", "id: other")
        .replace("  major:", "  other-major:")
        .replace("  benefit:", "  other-benefit:")
    )
    other = other.replace("  funds:", "  other-funds:").replace("  talent-policy:", "  other-policy:")
    theirs = MEASURE.replace("id: m\n", "id: other-m\n")
    return write_rules(
        folder, {"measures.yaml": MEASURE, "packs/other/document.yaml": other, "packs/other/measures.yaml": theirs}
    )


def test_one_document_alone(tmp_path: Path) -> None:
    """Its measures only, under a version of its own."""
    folder = two_documents(tmp_path / "rules")
    both, one = load_pack(folder), load_pack(folder, document="other")
    assert [item.id for item in both.measures] == ["other-m", "m"]
    assert [item.id for item in one.measures] == ["other-m"]
    assert list(one.documents) == ["other"]
    assert both.version != one.version


def test_what_is_broken_elsewhere_does_not_stop_one_document(tmp_path: Path) -> None:
    folder = two_documents(tmp_path / "rules")
    (folder / "packs" / "test" / "measures.yaml").write_text("measures: [", "utf-8")
    assert load_pack(folder, document="other").measures
    with pytest.raises(InputError):
        load_pack(folder)


def test_parts_that_a_directory_does_not_bring_are_the_built_in_ones(tmp_path: Path) -> None:
    """A user's own packs need neither vocabulary nor tables."""
    folder = tmp_path / "rules" / "packs" / "test"
    folder.mkdir(parents=True)
    (folder / "document.yaml").write_text(document().replace("  funds:", "  own-funds:"), "utf-8")
    (folder / "measures.yaml").write_text(MEASURE.replace("field: staff,", "field: staff_total,"), "utf-8")
    pack = load_pack(tmp_path / "rules")
    assert "staff_total" in pack.vocabulary.fields
    assert pack.derived
    assert "1310" in pack.tables.divisions


@pytest.mark.parametrize(
    "name", ["document.yaml", "measures.yaml", "programmes.yaml", "derived.yaml", "vocabulary.yaml"]
)
def test_the_version_is_the_hash_of_what_bears_on_a_verdict(tmp_path: Path, name: str) -> None:
    """Any change of such a file is another version; the same content anywhere is the same one."""
    empty = {
        "document.yaml": document(), "measures.yaml": MEASURE, "programmes.yaml": "programmes: []\n",
        "derived.yaml": "derived: []\n", "vocabulary.yaml": "fields: {}\n",
    }  # fmt: skip
    first = load_pack(write_rules(tmp_path / "a", empty)).version
    assert load_pack(write_rules(tmp_path / "b", empty)).version == first
    changed = {**empty, name: empty[name] + "# 改了一个字\n"}
    assert load_pack(write_rules(tmp_path / "c", changed)).version != first


def test_cases_do_not_bear_on_a_verdict(tmp_path: Path) -> None:
    plain = load_pack(write_rules(tmp_path / "a", {"measures.yaml": MEASURE})).version
    with_cases = load_pack(write_rules(tmp_path / "b", {"measures.yaml": MEASURE, "cases.yaml": CASES}))
    assert with_cases.version == plain


def test_a_pack_is_read_once(tmp_path: Path) -> None:
    folder = write_rules(tmp_path / "rules", {"measures.yaml": MEASURE})
    assert load_pack(folder) is load_pack(str(folder))


def test_the_environment_names_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HUIQI_RULES, unless a directory is given; else those that come with huiqi."""
    folder = write_rules(tmp_path / "rules", {"measures.yaml": MEASURE})
    monkeypatch.setenv("HUIQI_RULES", str(folder))
    assert rules_directory() == folder
    assert [item.id for item in load_pack().measures] == ["m"]
    assert rules_directory(tmp_path) == tmp_path
    monkeypatch.delenv("HUIQI_RULES")
    assert rules_directory() == BUILT_IN


def test_measures_in_several_files(tmp_path: Path) -> None:
    """All files of the name, in order."""
    names = ("measures-2", "measures-1", "measures")
    files = {f"packs/test/{name}.yaml": file_of(measure(STAFF, id=name)) for name in names}
    pack = load_pack(write_rules(tmp_path / "rules", files))
    assert [item.id for item in pack.measures] == ["measures-1", "measures-2", "measures"]


def test_everything_at_once_sorted_and_nothing_twice(tmp_path: Path) -> None:
    """Findings of vocabulary, derived facts, document, measures and programmes in one answer."""
    files = {
        "vocabulary.yaml": "fields: {colour: {type: color, label: 颜色}}\n",
        "derived.yaml": "derived: [{field: sise, title: 甲, source: {title: 乙}, cases: []}]\n",
        "document.yaml": document().replace("id: test", "id: tset"),
        "measures.yaml": file_of(measure("{field: staf, at_least: 50}"), measure("{field: staff, atleast: 50}")),
        "programmes.yaml": "programmes: [{id: p}]\n",
    }
    folder = write_rules(tmp_path / "rules", files)
    with pytest.raises(InputError) as error:
        load_pack(folder)
    found = error.value.findings
    assert found == sorted(found)
    assert len(set(found)) == len(found)
    assert {(finding.file.rpartition("/")[2], finding.code) for finding in found} == {
        ("more.yaml", "shape-not-allowed"),
        ("derived.yaml", "condition-unknown-name"),
        ("document.yaml", "rules-document-id"),
        ("measures.yaml", "condition-unknown-name"),
        ("measures.yaml", "condition-shape"),
        ("measures.yaml", "rules-duplicate-name"),
        ("programmes.yaml", "shape-missing-key"),
    }
    assert all(finding.line > 0 and finding.column > 0 for finding in found)
    assert str(error.value).count("\n") == len(found) - 1


def test_a_finding_says_file_line_column_and_code(tmp_path: Path) -> None:
    folder = write_rules(tmp_path / "rules", {"measures.yaml": MEASURE.replace("staff", "staf")})
    with pytest.raises(InputError) as error:
        load_pack(folder)
    line = (folder / "packs/test/measures.yaml").read_text("utf-8").splitlines().index(
        "      {field: staf, at_least: 50}"
    ) + 1
    assert str(error.value).startswith(f"{folder}/packs/test/measures.yaml:{line}:15: 没有字段“staf”。是不是staff")
    assert str(error.value).endswith(" [condition-unknown-name]")


def test_a_pack_that_could_not_be_read_whole_is_still_given(tmp_path: Path) -> None:
    """For lint, which goes on with the rest."""
    text = file_of(measure("{field: staf, at_least: 50}"), measure(STAFF, id="k"))
    findings = Findings()
    pack = read_pack(write_rules(tmp_path / "rules", {"measures.yaml": text}), findings)
    assert len(findings) == 1
    assert pack is not None
    assert [item.id for item in pack.measures] == ["m", "k"]


def test_measures_programmes_and_derived_facts_know_their_place(tmp_path: Path) -> None:
    programme = "programmes:\n  - {id: p, clause: 一, title: 甲, goal: 乙, cite: [丙]}\n"
    pack = load_pack(write_rules(tmp_path / "rules", {"measures.yaml": MEASURE, "programmes.yaml": programme}))
    place = pack.measures[0].place
    assert (place.file.endswith("packs/test/measures.yaml"), place.line, place.column) == (True, 2, 9)
    assert (pack.programmes[0].place.line, pack.programmes[0].place.column) == (2, 10)
    assert pack.measure("m") is pack.measures[0]
    with pytest.raises(KeyError):
        pack.measure("n")


def test_cases_are_read_apart(tmp_path: Path) -> None:
    """With what is wrong with them."""
    folder = write_rules(
        tmp_path / "rules", {"measures.yaml": MEASURE, "cases.yaml": CASES, "packs/test/cases-2.yaml": "cases: [{}]\n"}
    )
    findings = Findings()
    (read,) = list(case_files(folder, findings))
    assert [case.name for case in read[1].cases] == ["甲"]
    assert {finding.code for finding in findings} == {"shape-missing-key"}


def test_labels_of_judgements_and_instruments(tmp_path: Path) -> None:
    """Their ids where there is no entry."""
    pack = load_pack(write_rules(tmp_path / "rules", {}))
    assert (pack.judgement_label("major"), pack.judgement_label("m~staff")) == ("属于重大项目", "m~staff")
    assert (pack.instrument_title("funds"), pack.instrument_title("x")) == ("资金管理办法", "x")


def test_a_derived_case_without_a_condition_is_refused(tmp_path: Path) -> None:
    """It would hold always, and has no circuit."""
    derived = "derived: [{field: size, title: 甲, source: {title: 乙}, cases: [{when: [], value: small}]}]\n"
    measures = MEASURE.replace("field: staff, at_least: 50", "field: size, equals: small")
    with pytest.raises(InputError):
        load_pack(write_rules(tmp_path / "rules", {"derived.yaml": derived, "measures.yaml": measures}))


def test_the_template_itself_is_good() -> None:
    """Else the corpus would show its faults in every case."""
    assert sorted(path.name for path in TEMPLATE.iterdir()) == [
        "derived",
        "document.yaml",
        "measures.yaml",
        "vocabulary",
    ]
