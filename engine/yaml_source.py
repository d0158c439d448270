"""Reading YAML, and JSON as YAML: plain data with the place of every value, and every problem as a finding.

Safe on hostile text: nothing is constructed but plain data, nothing expands (anchors and aliases are refused), and
size, nodes, depth and numbers have limits. The only module that imports PyYAML.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NoReturn, TypeAlias

import yaml  # type: ignore[import-untyped, unused-ignore]

from engine import yaml_text
from engine.diagnostics import Finding, Findings, Severity

MAX_SIZE = 2 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 40
MAX_FINDINGS = 100

Path: TypeAlias = tuple[str | int, ...]
"""From the root: names of entries and, from 0, numbers of list items."""

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | Decimal | bool | None"

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Place = tuple[int, int]


@dataclass(slots=True)
class _Node:
    """Where a mapping (its entries: place of the name, and the value's) or a list lies. All places count from 1."""

    place: _Place
    below: dict[str, tuple[_Place, _Node | _Place]] | list[_Node | _Place]

    def step(self, step: str | int) -> tuple[_Place | None, _Node | _Place] | None:
        if isinstance(self.below, dict):
            return self.below.get(step) if isinstance(step, str) else None
        if isinstance(step, int) and 0 <= step < len(self.below):
            return None, self.below[step]
        return None


@dataclass(frozen=True)
class Source:
    """What one file says (``data``) and where. ``file`` is the name shown to people."""

    file: str
    data: Plain
    _root: _Node | _Place | None = field(default=None, repr=False, compare=False)

    def place(self, path: Path, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at ``path``, or with ``key`` of its name.

        Where ``path`` leads nowhere: of the nearest ancestor that exists. (0, 0) for an empty file.
        """
        name: _Place | None = None
        node = self._root
        for step in path:
            found = node.step(step) if isinstance(node, _Node) else None
            if found is None:
                break
            name, node = found
        if key and name:
            return name
        return node.place if isinstance(node, _Node) else node or (0, 0)

    def finding(
        self,
        path: Path,
        code: str,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        severity: Severity = "error",
    ) -> Finding:
        """A finding at the place of ``path``; see ``place``."""
        line, column = self.place(path, key)
        return Finding(self.file, line, column, code, message, hint, severity)


def read_file(path: pathlib.Path, findings: Findings, *, rule_file: bool = True) -> Source | None:
    """Read a UTF-8 file (a byte order mark is fine). None, with a finding, when it cannot be read as text."""
    file = str(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except FileNotFoundError:
        findings.add(Finding(file, 0, 0, "yaml-file-missing", "找不到这个文件", "检查路径和文件名"))
    except IsADirectoryError:
        findings.add(
            Finding(file, 0, 0, "yaml-file-directory", "这是一个文件夹，不是文件", "写出其中一个文件的名称")
        )
    except (OSError, ValueError):
        findings.add(
            Finding(file, 0, 0, "yaml-file-unreadable", "文件无法读取", "检查文件是否完好、是否有读取权限")
        )
    else:
        return read_bytes(data, file, findings, rule_file=rule_file)
    return None


def read_bytes(data: bytes, file: str, findings: Findings, *, rule_file: bool = True) -> Source | None:
    """Read UTF-8 bytes, for example of standard input. As ``read_file``."""
    if len(data) > MAX_SIZE:
        findings.add(_too_large(file))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        line, column = yaml_text.place_of(before, len(before))
        hint = "用文本编辑器另存为 UTF-8 编码"
        findings.add(Finding(file, line + 1, column + 1, "yaml-not-utf8", "文件不是 UTF-8 编码", hint))
        return None
    return read_yaml(text, file, findings, rule_file=rule_file)


def read_yaml(text: str, file: str, findings: Findings, *, rule_file: bool = True) -> Source | None:
    """Read one document of YAML or JSON. Adds every problem to ``findings``; never raises on bad text.

    None when reading stopped: syntax error, a limit, several documents, an empty file. After other errors a Source is
    given, so that checks of its contents can report in the same run: of duplicate keys the first counts, an alias is
    None, a tag or an anchor is as if absent. In rule files an unquoted yes, no, on, off, y or n is an error.
    """
    if len(text) > MAX_SIZE:
        findings.add(_too_large(file))
        return None
    text = text.removeprefix("\ufeff")
    index, count = yaml_text.unreadable(text)
    if count:
        line, column = yaml_text.place_of(text, index)
        message = f"有看不见的控制字符（U+{ord(text[index]):04X}，全文共 {count} 处）"
        hint = "删去它，或换成普通的空格或换行"
        findings.add(Finding(file, line + 1, column + 1, "yaml-control-character", message, hint))
        return None
    index = yaml_text.directive(text)
    if index >= 0:
        line, column = yaml_text.place_of(text, index)
        message = "不接受以百分号开头的 YAML 指令行"
        findings.add(Finding(file, line + 1, column + 1, "yaml-directive", message, "删去这一行"))
        return None
    return _Reader(text, file, findings, rule_file).read()


def _too_large(file: str) -> Finding:
    message = f"文件太大，超过 {MAX_SIZE // 1024 // 1024} MB"
    return Finding(file, 0, 0, "yaml-too-large", message, "拆成几个文件；名单请用表格")


class _Stop(Exception):
    """Reading cannot go on; the finding is already there."""


@dataclass(slots=True)
class _Frame:
    """An open mapping or list. ``turn``: what a mapping waits for; ``lost`` is a value whose name was refused."""

    data: dict[str, Plain] | list[Plain]
    node: _Node
    turn: Literal["key", "value", "lost"] = "key"
    key: str = ""
    key_place: _Place = (0, 0)


class _Reader:
    """Builds plain data from the parser's events with an explicit stack, so that depth cannot exhaust Python's."""

    def __init__(self, text: str, file: str, findings: Findings, rule_file: bool) -> None:
        self.text, self.shifts = yaml_text.join_pairs(yaml_text.open_json(text))
        self.file, self.findings, self.rule_file = file, findings, rule_file
        self.stack: list[_Frame] = []
        self.root: Plain = None
        self.root_node: _Node | _Place | None = None
        self.nodes = self.reported = self.documents = 0

    def read(self) -> Source | None:
        try:
            for event in self._events():
                self._take(event)
            if self.root is None and not self.reported:
                self._stop((0, 0), "yaml-empty", "文件是空的", "至少写一项“名称: 内容”")
        except _Stop:
            return None
        return Source(self.file, self.root, self.root_node)

    def _events(self) -> Iterator[Any]:
        try:
            yield from yaml.parse(self.text, Loader=_LOADER)
        except yaml.YAMLError as error:
            found = yaml_text.explain(error, self.text)
            column = yaml_text.unshift(self.shifts, found.line, found.column)
            self._stop((found.line + 1, column + 1), found.code, found.message, found.hint)

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._open(event, {})
        elif kind is yaml.SequenceStartEvent:
            self._open(event, [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.stack.pop()
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                message = "一个文件里有几份内容（由 --- 分开）"
                self._stop(self._place(event), "yaml-several-documents", message, "拆成几个文件，或删去 ---")

    def _place(self, event: Any) -> _Place:
        mark = event.start_mark
        line, column = mark.line, mark.column
        if self.shifts:
            column = yaml_text.unshift(self.shifts, line, column)
        return line + 1, column + 1

    def _report(self, place: _Place, code: str, message: str, hint: str) -> None:
        self.findings.add(Finding(self.file, *place, code, message, hint))
        self.reported += 1
        if self.reported == MAX_FINDINGS:
            self._stop(place, "yaml-too-many-findings", "问题太多，后面的不再检查", "先改正以上问题")

    def _stop(self, place: _Place, code: str, message: str, hint: str) -> NoReturn:
        self.findings.add(Finding(self.file, *place, code, message, hint))
        raise _Stop

    def _count(self, event: Any) -> _Place:
        """Count one node, refuse its anchor and its tag, give its place."""
        place = self._place(event)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop(
                place, "yaml-too-many-nodes", f"内容太多，超过 {MAX_NODES} 项", "拆成几个文件；名单请用表格"
            )
        if event.anchor is not None:
            name = yaml_text.show(event.anchor)
            self._report(place, "yaml-anchor", f"不接受锚点 &{name}", "直接写出内容；文字以 & 开头时请加引号")
        if event.tag is not None:
            name = yaml_text.show(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self._report(place, "yaml-tag", f"不接受类型标签 {name}", "删去标签；文字以感叹号开头时请加引号")
        return place

    def _awaits_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].turn == "key" and isinstance(self.stack[-1].data, dict)

    def _open(self, event: Any, data: dict[str, Plain] | list[Plain]) -> None:
        place = self._count(event)
        if len(self.stack) == MAX_DEPTH:
            self._stop(place, "yaml-too-deep", f"嵌套太深，超过 {MAX_DEPTH} 层", "减少层次")
        node = _Node(place, {} if isinstance(data, dict) else [])
        if self._awaits_key():
            self._refuse_key(place)
        else:
            self._attach(data, node)
        self.stack.append(_Frame(data, node))

    def _alias(self, event: Any) -> None:
        place, name = self._place(event), yaml_text.show(event.anchor)
        self._report(place, "yaml-alias", f"不接受引用 *{name}", "直接写出内容；文字以 * 开头时请加引号")
        if self._awaits_key():
            self.stack[-1].turn = "lost"
        else:
            self._attach(None, place)

    def _refuse_key(self, place: _Place) -> None:
        self._report(place, "yaml-key-not-text", "名称必须是文字", "给名称加上引号，或换一个名称")
        self.stack[-1].turn = "lost"

    def _attach(self, value: Plain, node: _Node | _Place) -> None:
        if not self.stack:
            self.root, self.root_node = value, node
            return
        frame, below = self.stack[-1], self.stack[-1].node.below
        if isinstance(frame.data, list) and isinstance(below, list):
            frame.data.append(value)
            below.append(node)
        elif isinstance(frame.data, dict) and isinstance(below, dict):
            if frame.turn == "value":
                frame.data[frame.key] = value
                below[frame.key] = frame.key_place, node
            frame.turn = "key"

    def _scalar(self, event: Any) -> None:
        place = self._count(event)
        value: str = event.value
        if event.style == '"':
            control = yaml_text.escaped_control(value)
            if control:
                message = f"引号里写入了控制字符（U+{ord(control):04X}）"
                self._report(place, "yaml-control-character", message, "删去这个反斜杠编码")
        elif self.shifts and "\\U000" in value:
            value = yaml_text.split_pairs(value)
        if self._awaits_key():
            self._key(value, not event.style, place)
        else:
            self._attach(value if event.style else self._plain(value, place), place)

    def _key(self, value: str, plain: bool, place: _Place) -> None:
        frame = self.stack[-1]
        if plain and value == "<<":
            self._report(place, "yaml-merge-key", "不接受合并写法 <<", "直接写出各项")
            frame.turn = "lost"
        elif plain and isinstance(yaml_text.resolve(value)[0], bool | None):
            self._refuse_key(place)
        else:
            if plain and value != value.strip():
                value = value.strip()
                message = f"名称“{yaml_text.show(value)}”前后有全角空格或不间断空格"
                self._report(place, "yaml-key-space", message, "改成普通空格；缩进只能用普通空格")
            self._name(frame, value, place)

    def _name(self, frame: _Frame, value: str, place: _Place) -> None:
        earlier = frame.node.step(value)
        if earlier and earlier[0]:
            message = f"名称“{yaml_text.show(value)}”重复，第 {earlier[0][0]} 行已经写过"
            self._report(place, "yaml-duplicate-key", message, "只保留一处")
            frame.turn = "lost"
        else:
            frame.key, frame.key_place, frame.turn = value, place, "value"

    def _plain(self, value: str, place: _Place) -> Plain:
        """The meaning of an unquoted value."""
        if self.rule_file and value.lower() in yaml_text.AMBIGUOUS:
            hint = "是非写 true 或 false；要写文字请加引号"
            self._report(place, "yaml-ambiguous-word", f"“{value}”的含义不明确", hint)
        meaning, code = yaml_text.resolve(value)
        if code == "yaml-number-too-long":
            message = f"数字太长，超过 {yaml_text.MAX_DIGITS} 位"
            self._report(place, code, message, "检查数字；编号请加引号")
        elif code:
            message = f"数字的指数太大，超过 {yaml_text.MAX_EXPONENT}"
            self._report(place, code, message, "检查数字；编号请加引号")
        return meaning
