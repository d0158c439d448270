"""Reading YAML: the corpus, places, numbers, JSON, and hostile text."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped, unused-ignore]
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import yaml_source
from engine.diagnostics import Findings
from engine.yaml_source import MAX_SIZE, Plain, Source, read_bytes, read_file, read_yaml

CORPUS = Path(__file__).parents[1] / "corpus" / "yaml"
EXPECT = re.compile(r"# expect: (\d+:\d+ yaml-[a-z0-9-]+)")


def names(folder: str) -> list[str]:
    return sorted(path.name for path in (CORPUS / folder).glob("*.yaml"))


def head(path: Path) -> list[str]:
    lines = path.read_bytes().decode("utf-8").split("\n")
    return [line.rstrip("\r") for line in lines if line.startswith("# ")]


def read(text: str, *, rule_file: bool = True) -> tuple[Source | None, list[str]]:
    findings = Findings()
    source = read_yaml(text, "f", findings, rule_file=rule_file)
    return source, [f"{item.line}:{item.column} {item.code}" for item in findings]


def data(text: str, *, rule_file: bool = False) -> Plain:
    source, found = read(text, rule_file=rule_file)
    assert source is not None, found
    assert found == []
    return source.data


def typed(value: Any) -> Any:
    """Decimals as the corpus writes them, so that 1 and Decimal(1) and True are told apart."""
    return json.dumps(value, ensure_ascii=False, default=lambda number: {"decimal": str(number)})


@pytest.mark.parametrize("name", names("bad"))
def test_bad_corpus(name: str) -> None:
    findings = Findings()
    read_file(CORPUS / "bad" / name, findings)
    found = [f"{item.line}:{item.column} {item.code}" for item in findings]
    expected = [match[1] for match in map(EXPECT.fullmatch, head(CORPUS / "bad" / name)) if match]
    assert found == expected
    assert expected
    for item in findings:
        assert item.message
        assert item.hint
        assert not re.search(r"[a-z]{4}", item.message.replace("python/object/apply:os.system", "")), item
        assert "\n" not in str(item)


@pytest.mark.parametrize("name", names("good"))
def test_good_corpus(name: str) -> None:
    findings, lines = Findings(), head(CORPUS / "good" / name)
    source = read_file(CORPUS / "good" / name, findings, rule_file="# profile" not in lines)
    assert list(findings) == []
    assert source is not None
    expected = next(line for line in lines if line.startswith("# data: "))
    assert typed(source.data) == expected.removeprefix("# data: ")


def test_corpus_shows_every_code_that_a_small_file_can_show() -> None:
    code = re.compile(r'"(yaml-[a-z0-9-]+)"')
    folder = Path(yaml_source.__file__).parent
    codes = {
        c
        for name in ("yaml_source.py", "yaml_text.py")
        for c in code.findall((folder / name).read_text("utf-8"))
    }
    shown = {
        m[1].split()[1] for n in names("bad") for m in map(EXPECT.fullmatch, head(CORPUS / "bad" / n)) if m
    }
    elsewhere = {"file-missing", "file-directory", "file-unreadable", "too-large", "not-utf8"}
    elsewhere |= {"too-many-nodes", "too-many-findings"}
    assert codes - shown == {f"yaml-{name}" for name in elsewhere}


def test_places() -> None:
    source, _ = read("a: 1\n甲:\n  - x\n  - 乙: 2\n    丙:\nd: {e: 'f'}\n")
    assert source is not None
    assert source.place(()) == (1, 1)
    assert source.place(("a",)) == (1, 4)
    assert source.place(("a",), key=True) == (1, 1)
    assert source.place(("甲",), key=True) == (2, 1)
    assert source.place(("甲", 0)) == (3, 5)
    assert source.place(("甲", 0), key=True) == (3, 5)
    assert source.place(("甲", 1, "乙")) == (4, 8)
    assert source.place(("甲", 1, "丙"), key=True) == (5, 5)
    assert source.place(("d", "e")) == (6, 8)


def test_places_fall_back_to_the_nearest_ancestor() -> None:
    source, _ = read("a: 1\nb:\n  - x\n")
    assert source is not None
    assert source.place(("nothing", 3)) == (1, 1)
    assert source.place(("b", 7)) == (3, 3)
    assert source.place(("b", -1)) == (3, 3)
    assert source.place(("b", "x")) == (3, 3)
    assert source.place(("b", 7), key=True) == (2, 1)
    assert source.place((0,)) == (1, 1)
    assert source.place(("a", "x", 1)) == (1, 4)
    assert Source("f", None).place(("a",)) == (0, 0)


def test_finding_carries_file_and_place() -> None:
    source, _ = read("a:\n  b: 1\n")
    assert source is not None
    item = source.finding(("a", "b"), "x-y", "不对", "改", key=True, severity="warning")
    assert str(item) == "f:2:3: （提示）不对。改 [x-y]"
    assert item.severity == "warning"


def test_numbers_and_words() -> None:
    assert data("[-0, 007, 1.50, 1E3, -, +1, 1e, 0., 1.2.3]") == [
        0, "007", Decimal("1.50"), Decimal("1E3"), "-", "+1", "1e", "0.", "1.2.3",
    ]  # fmt: skip
    assert data("9" * 40) == int("9" * 40)
    assert typed(data("[1.0, 1, true]")) == '[{"decimal": "1.0"}, 1, true]'
    assert data("[NO, y, １２, null, ~, 'null']") == ["NO", "y", "１２", None, None, "null"]


def test_after_findings_the_rest_can_still_be_checked() -> None:
    source, found = read("a: 1\na: {b: 2}\nc: &x 3\nd: *x\n<<: {e: 1}\n[z]: 4\nf: !t 5\n")
    assert source is not None
    assert source.data == {"a": 1, "c": 3, "d": None, "f": 5}
    assert [item.split()[1] for item in found] == [
        "yaml-duplicate-key", "yaml-anchor", "yaml-alias", "yaml-merge-key", "yaml-key-not-text", "yaml-tag",
    ]  # fmt: skip


def test_duplicate_names_the_earlier_line() -> None:
    findings = Findings()
    read_yaml("a: 1\nb: 2\na: 3\n", "f", findings)
    assert [item.message for item in findings] == ["名称“a”重复，第 1 行已经写过"]


def test_surrogate_pairs_keep_places() -> None:
    source, found = read('{"a": "\\ud83d\\ude00\\uD83D\\uDE01", "b": [1],\n "c": "\\ud83d\\ude00", "c": 2}')
    assert source is not None
    assert source.data == {"a": "😀😁", "b": [1], "c": "😀"}
    assert source.place(("b",)) == (1, 40)
    assert source.place(("b", 0)) == (1, 41)
    assert found == ["2:23 yaml-duplicate-key"]


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff")
    )
    | st.text("\t\n\r\"\\/'u: #{}[],-&*!%@`：", max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab：\\\"' #😀", max_size=5), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(
    JSON_VALUES.filter(lambda value: value is not None),
    st.booleans(),
    st.sampled_from([None, 2, "\t", "\t \t"]),
)
def test_reads_json_as_json(value: Any, escape: bool, indent: int | str | None) -> None:
    text = json.dumps(value, ensure_ascii=escape, indent=indent)
    if isinstance(value, dict | list):
        text = f"\t\n {text}\n\t"
    assert data(text) == value


@settings(max_examples=300, deadline=None)
@given(st.text("ab:：, -?[]{}#&*!|>'\"%@`\\\n\t\r0.e~<u\u3000\x00\ud83d😀", max_size=40))
def test_no_text_makes_it_fall(text: str) -> None:
    source, found = read(text)
    assert source is not None or found
    lines = text.count("\n") + text.count("\r") + 2
    assert all(int(item.split(":")[0]) <= lines for item in found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000, "yaml-too-deep"),
        ("{a: " * 100_000, "yaml-too-deep"),
        ("- " * 100_000, "yaml-too-deep"),
        ("[\n" * 100_000, "yaml-too-deep"),
        ("".join(" " * depth + "a:\n" for depth in range(500)), "yaml-too-deep"),
        ("%TAG !a! x\n" * 100_000, "yaml-directive"),
        ("a: 1\n...\n" + "%TAG !a! x\n" * 100_000, "yaml-directive"),
        ("[" + "*a," * 500_000, "yaml-too-many-findings"),
        ("a: 1\n" * 200_000, "yaml-too-many-findings"),
        ("- x\n" * 300_000, "yaml-too-many-nodes"),
        ("x" * (MAX_SIZE + 1), "yaml-too-large"),
        ('"' + "x" * 2_000_000, "yaml-syntax"),
        ("\0" * 2_000_000, "yaml-control-character"),
    ],
)
def test_hostile_text_is_refused(text: str, code: str) -> None:
    source, found = read(text)
    assert source is None
    assert code in [item.split()[1] for item in found]
    assert len(found) <= 101



def codes_of_file(path: Path) -> list[str]:
    findings = Findings()
    assert read_file(path, findings) is None
    return [f"{item.line}:{item.column} {item.code}" for item in findings]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert codes_of_file(tmp_path / "none.yaml") == ["0:0 yaml-file-missing"]
    assert codes_of_file(tmp_path) == ["0:0 yaml-file-directory"]
    assert codes_of_file(tmp_path / "a\0b") == ["0:0 yaml-file-unreadable"]
    file = tmp_path / "a.yaml"
    file.write_bytes("a: 1\n名: ".encode() + "甲".encode("gbk"))
    assert codes_of_file(file) == ["2:4 yaml-not-utf8"]
    file.write_text("a: 1", encoding="utf-16")
    assert codes_of_file(file) == ["1:1 yaml-not-utf8"]
    file.write_bytes(b" " * (MAX_SIZE + 1))
    assert codes_of_file(file) == ["0:0 yaml-too-large"]


def test_byte_order_mark_moves_nothing() -> None:
    source = read_bytes("\ufeffa: 1".encode(), "f", Findings())
    assert source is not None
    assert source.data == {"a": 1}
    assert source.place(("a",)) == (1, 4)
    assert data("\ufeffa: 1") == {"a": 1}


def test_without_libyaml_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow reader finds the same problems in the same lines; of a syntax error the column may differ.

    Half a surrogate pair it reads, and we refuse it, under another code.
    """
    differ = []
    for name in names("bad"):
        each: list[list[tuple[int, str]]] = []
        for loader in (yaml_source._LOADER, yaml.SafeLoader):
            findings = Findings()
            with monkeypatch.context() as patch:
                patch.setattr(yaml_source, "_LOADER", loader)
                read_file(CORPUS / "bad" / name, findings)
            each.append([(item.line, "" if "surrogate" in name else item.code) for item in findings])
        if each[0] != each[1]:
            differ.append((name, *each))
    assert differ == []
