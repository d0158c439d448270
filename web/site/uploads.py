"""A profile that somebody brings: YAML or JSON text, or a workbook with a row for each enterprise.

Raises InputError with every problem, each with its line. Nothing stays on the disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from engine.diagnostics import Finding, Findings, InputError
from engine.pack import Pack
from engine.profile import read_profile
from engine.yaml_source import Source, read_bytes, read_yaml
from web.site.state import MOST_RECORDS, records_in
from web.texts import gettext as _

MOST_ROWS = 30
UNPACKED = 64 * 1024 * 1024
CELLS = 2_000_000
"""A workbook for the site is smaller than one for the command line: one request must not cost more."""

_WORKBOOK = (".xlsx", ".xls")


@dataclass(frozen=True, slots=True)
class Row:
    """One enterprise of a workbook: what it is called, and its profile."""

    name: str
    data: Mapping[str, Any]


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
    findings.raise_errors()
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
        path = Path(folder) / "list.xlsx"
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
        found = [(str(key), _small(profile_data(part, key, pack.vocabulary), str(path))) for key in keys]
        return [Row(str(data.get("name") or key), data) for key, data in found]
    raise InputError([Finding(str(path), 0, 0, "upload-empty", _("工作簿里没有企业"), _("请从模板的第三行起填写"))])


def _named(finding: Finding, name: str) -> Finding:
    """Under the name that the visitor knows; what only the command line has is not hinted at."""
    hint = (
        _("请用名单模板填写，表头不要改动") if "映射" in finding.hint or "--inspect" in finding.hint else finding.hint
    )
    return replace(finding, file=name, hint=hint)
