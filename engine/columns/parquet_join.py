"""Parquet files of one schema joined into one by copying their bytes: nothing is decoded or compressed again.

A Parquet file ends in a footer that says where its column chunks lie. The chunks are copied as they are, and one footer
is written with the places moved. The footer is Thrift's compact protocol, of which the little that it takes is here.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = b"PAR1"
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)

Fields = dict[int, tuple[int, Any]]
"""A structure: the type and value of each field by its number. A list is (element type, elements)."""


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int = 0

    def number(self) -> int:
        result = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7

    def value(self, kind: int) -> Any:
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind in _INTEGERS:
            number = self.number()
            return (number >> 1) ^ -(number & 1)
        if kind in (_BYTE, _DOUBLE, _BINARY):
            size = {_BYTE: 1, _DOUBLE: 8}.get(kind) or self.number()
            self.at += size
            return self.data[self.at - size : self.at]
        if kind in (_LIST, _SET):
            return self.elements()
        if kind == _STRUCT:
            return self.structure()
        raise ValueError(f"a footer with an unknown type {kind}")

    def elements(self) -> tuple[int, list[Any]]:
        head = self.data[self.at]
        self.at += 1
        kind = head & 0x0F
        count = head >> 4 if head >> 4 < 15 else self.number()
        if kind in (_TRUE, _FALSE):
            return kind, [self.value(_BYTE) for _ in range(count)]
        return kind, [self.value(kind) for _ in range(count)]

    def structure(self) -> Fields:
        fields: Fields = {}
        last = 0
        while True:
            head = self.data[self.at]
            self.at += 1
            if head == 0:
                return fields
            if head >> 4:
                last += head >> 4
            else:
                number = self.number()
                last = (number >> 1) ^ -(number & 1)
            fields[last] = head & 0x0F, self.value(head & 0x0F)


def _number(value: int) -> bytes:
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _signed(value: int) -> bytes:
    return _number(value << 1 if value >= 0 else (-value << 1) - 1)


def _value(kind: int, value: Any) -> bytes:
    if kind in _INTEGERS:
        return _signed(value)
    if kind in (_BYTE, _DOUBLE):
        return bytes(value)
    if kind == _BINARY:
        return _number(len(value)) + bytes(value)
    if kind in (_LIST, _SET):
        inner, items = value
        head = bytes([len(items) << 4 | inner]) if len(items) < 15 else bytes([0xF0 | inner]) + _number(len(items))
        inner = _BYTE if inner in (_TRUE, _FALSE) else inner
        return head + b"".join(_value(inner, item) for item in items)
    if kind == _STRUCT:
        return _structure(value)
    raise ValueError(f"a footer with an unknown type {kind}")


def _structure(fields: Fields) -> bytes:
    parts, last = bytearray(), 0
    for number in sorted(fields):
        kind, value = fields[number]
        if kind in (_TRUE, _FALSE):
            kind = _TRUE if value else _FALSE
        step = number - last
        parts += bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _signed(number)
        if kind not in (_TRUE, _FALSE):
            parts += _value(kind, value)
        last = number
    return bytes(parts) + b"\0"


def _footer(file: BinaryIO) -> tuple[Fields, int]:
    """The footer, and where it begins."""
    end = file.seek(-8, os.SEEK_END)
    size = struct.unpack("<I", file.read(4))[0]
    file.seek(end - size)
    return _Reader(file.read(size)).structure(), end - size


def _move(group: Fields, by: int) -> None:
    """Move the places of a row group. Indexes over its pages are dropped: they hold places too, and are optional."""
    for chunk in group[1][1][1]:
        for index in (4, 5, 6, 7):
            chunk.pop(index, None)
        if 2 in chunk:
            chunk[2] = chunk[2][0], chunk[2][1] + by if chunk[2][1] else 0
        meta = chunk[3][1]
        for place in (9, 10, 11):
            if place in meta:
                meta[place] = meta[place][0], meta[place][1] + by
        for filter_ in (14, 15):
            meta.pop(filter_, None)
    if 5 in group:
        group[5] = group[5][0], group[5][1] + by


def join_parquet(parts: Sequence[Path], target: Path, metadata: Mapping[str, str]) -> int:
    """Write ``target`` (not in one step) with the rows of all parts in order, and the texts of ``metadata``.

    Returns the rows. The parts have one schema; ValueError where they do not.
    """
    footer: Fields = {}
    groups: list[Fields] = []
    rows = 0
    with target.open("wb") as out:
        out.write(MAGIC)
        for part in parts:
            with part.open("rb") as file:
                own, end = _footer(file)
                if not footer:
                    footer = own
                elif own[2] != footer[2]:
                    raise ValueError(f"{part} has another schema")
                file.seek(len(MAGIC))
                by = out.tell() - len(MAGIC)
                _copy(file, out, end - len(MAGIC))
            for group in own[4][1][1]:
                if group[3][1]:
                    _move(group, by)
                    group.pop(7, None)  # its number within the file
                    groups.append(group)
                    rows += group[3][1]
        texts = [item for item in footer.get(5, (_LIST, (_STRUCT, [])))[1][1] if item[1][1].startswith(b"ARROW")]
        texts += [{1: (_BINARY, k.encode()), 2: (_BINARY, v.encode())} for k, v in metadata.items()]
        footer[3] = footer[3][0], rows
        footer[4] = _LIST, (_STRUCT, groups)
        footer[5] = _LIST, (_STRUCT, texts)
        tail = _structure(footer)
        out.write(tail + struct.pack("<I", len(tail)) + MAGIC)
        out.flush()
        os.fsync(out.fileno())
    return rows


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    """Copy so many bytes, inside the kernel where it can."""
    target.flush()
    done = 0
    place = source.tell()
    try:
        while done < size:
            sent = os.copy_file_range(source.fileno(), target.fileno(), size - done, place + done, target.tell() + done)
            if not sent:
                break
            done += sent
    except (OSError, AttributeError):
        pass
    source.seek(place + done)
    target.seek(0, os.SEEK_END)
    if done < size:
        shutil.copyfileobj(_Part(source, size - done), target)


@dataclass(slots=True)
class _Part:
    """The next so many bytes of a file."""

    file: BinaryIO
    left: int

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(data)
        return data
