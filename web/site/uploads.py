"""A profile that somebody brings: YAML or JSON text, or a workbook with a row for each enterprise.

Raises InputError with every problem, each with its line. Nothing stays on the disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from engine.diagnostics import Finding, Findings, InputError
from engine.pack import Pack
from engine.profile import read_profile, records_in
from engine.yaml_source import Source, read_bytes, read_yaml
from engine.yaml_text import readable
from web.service import MOST_RECORDS
from web.texts import gettext as _

if TYPE_CHECKING:
    from engine.lists import LazyList, ListSource

MOST_ROWS = 30
UNPACKED = 64 * 1024 * 1024
CELLS = 2_000_000
"""A workbook for the site is smaller than one for the command line: one request must not cost more."""

FILE, GUIDE = "list.xlsx", "说明"
OF_REVIEWS = ("措施",)
"""Headers of the template that say what an answer is about, and are none."""

_WORKBOOK = (".xlsx", ".xls")


@dataclass(frozen=True, slots=True)
class Row:
    """One enterprise of a workbook: what it is called, its profile, and what of the workbook was not taken over."""

    name: str
    data: Mapping[str, Any]
    lost: tuple[str, ...] = ()


def pasted(text: str, pack: Pack) -> dict[str, Any]:
    """The profile in a text of YAML or JSON."""
    findings = Findings()
    return _checked(read_yaml(text, _("粘贴的内容"), findings, rule_file=False), findings, pack)


def uploaded(name: str, content: bytes, pack: Pack, rules: Path | None = None) -> list[Row]:
    """The profile in a file; of a workbook one for each row."""
    shown = PurePath(name.replace("\\", "/")).name or _("文件")
    if PurePath(shown).suffix.lower() in _WORKBOOK or content[:4] == b"PK\x03\x04":
        return _rows(shown, content, pack, rules)
    findings = Findings()
    return [Row("", _checked(read_bytes(content, shown, findings, rule_file=False), findings, pack))]


def _checked(source: Source | None, findings: Findings, pack: Pack) -> dict[str, Any]:
    """The data of a source that could be read, if it is a profile without errors."""
    if source is not None:
        read_profile(source, pack.vocabulary, pack.tables, findings)
    if findings.errors:
        raise InputError(_of_the_site(finding) for finding in findings.errors)
    if source is None or not isinstance(source.data, dict):
        raise InputError([Finding(_("文件"), 0, 0, "upload-empty", _("没有读到内容"), _("请检查文件"))])
    return _small(source.data, source.file)


def _small(data: dict[str, Any], file: str) -> dict[str, Any]:
    number = records_in(data)
    if number > MOST_RECORDS:
        message = _("共有 %d 条记录，网页最多 %d 条") % (number, MOST_RECORDS)
        raise InputError([Finding(file, 0, 0, "upload-records", message, _("请用命令行的 huiqi check"))])
    return data


def _rows(name: str, content: bytes, pack: Pack, rules: Path | None) -> list[Row]:
    if content[:4] != b"PK\x03\x04":
        hint = _("请用 Excel 或 WPS 打开后另存为 .xlsx")
        raise InputError([Finding(name, 0, 0, "upload-workbook", _("不是 .xlsx 工作簿，或文件已损坏"), hint)])
    with tempfile.TemporaryDirectory(prefix="huiqi-") as folder:
        path = Path(folder) / FILE
        path.write_bytes(content)
        try:
            return _read(path, pack, rules)
        except InputError as error:
            raise InputError(_named(finding, name) for finding in error.findings) from None


def _read(path: Path, pack: Pack, rules: Path | None) -> list[Row]:
    try:
        from engine.columns.frame import KEY
        from engine.lists import open_list, profile_data
        from engine.lists.limits import check_workbook
    except ImportError:
        message, hint = _("本站没有安装读表格的部件"), _("请上传 YAML 或 JSON")
        raise InputError([Finding(str(path), 0, 0, "upload-no-lists", message, hint)]) from None

    check_workbook(path, UNPACKED, CELLS)
    source = open_list([path], pack, rules=rules)
    for part in source.slices():
        keys = part.enterprise.frame[KEY].to_list()
        if len(keys) > MOST_ROWS:
            message, hint = _("有 %d 家企业，这里最多 %d 家") % (len(keys), MOST_ROWS), _("整份名单请用 huiqi batch")
            raise InputError([Finding(str(path), 0, 0, "upload-many", message, hint)])
        found = [(str(key), _small(_legible(profile_data(part, key, pack)), str(path))) for key in keys]
        unread = _unread(path, source.mapping)
        return [Row(str(data.get("name") or key), data, (*_lost(source, key), *unread)) for key, data in found]
    raise InputError([Finding(str(path), 0, 0, "upload-empty", _("工作簿里没有企业"), _("请从模板的第三行起填写"))])


def _legible(data: Any) -> Any:
    """The same without invisible characters, which no profile could hold."""
    if isinstance(data, dict):
        return {key: _legible(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_legible(value) for value in data]
    return readable(data) if isinstance(data, str) else data


def _lost(source: ListSource | LazyList, key: str) -> tuple[str, ...]:
    """What was not taken over for one enterprise, a sentence each: rows, cells, whole columns."""
    found = []
    for reject in source.rejects:
        if reject.key in (None, key):
            row = _("第 %d 行") % reject.row if reject.row else ""
            value = _("“%s”") % reject.value if reject.value else ""
            place = " ".join(part for part in (row, reject.column, value) if part)
            found.append(_("%(place)s：%(reason)s") % {"place": place, "reason": reject.reason} if place else reject.reason)
    notes = (note.removeprefix(f"{FILE}·") for note in source.notes)
    # The template's own page of instructions is no loss.
    return (*found, *(note for note in notes if not note.startswith(f"{GUIDE}：")))


def _unread(path: Path, mapping: Mapping[str, Any]) -> list[str]:
    """The filled columns of a workbook whose headers stand for no question, or whose cells answer none."""
    from engine.lists.files import read_sheets

    found: dict[str, None] = {}
    for sheet in read_sheets(path):
        told = [plan for plan in mapping["lists"] if plan["sheet"] == sheet.name]
        if not told:
            continue
        used = {name for plan in told for column in plan["columns"] for name in column["columns"]}
        used.update(OF_REVIEWS, *(plan["key"] for plan in told))
        rows = sheet.head()
        # Of several rows of headers the last is nearest to the cells.
        last = max((number for number, row in enumerate(rows) if used.intersection(row)), default=len(rows))
        for place, header in enumerate(rows[last] if last < len(rows) else ()):
            if header and header not in used and any(row[place] for row in rows[last + 1 :] if place < len(row)):
                found[header] = None
    return [_("“%s”这一列没有读懂，没有采用") % header for header in found]


def _named(finding: Finding, name: str) -> Finding:
    """Under the name that the visitor knows; what only the command line has is not hinted at."""
    hint = (
        _("请用名单模板填写，表头不要改动") if "映射" in finding.hint or "--inspect" in finding.hint else finding.hint
    )
    return replace(finding, file=name, hint=hint)


def _of_the_site(finding: Finding) -> Finding:
    """With the site's next step in place of the command line's."""
    known = _("全部字段见空白模板，或先在“全部资料”里填几项再下载画像")
    return replace(finding, hint=known) if "huiqi new" in finding.hint else finding
