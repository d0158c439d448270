"""Small packs with fields that people are asked for, and one way to plan over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.compiler import compile_pack
from engine.profile import profile_of
from engine.questions import Questionnaire
from tests.helpers import DAY, pack_of

VOCABULARY = """\
fields:
  alpha: {type: yes_no, label: 甲, question: 是不是甲？}
  beta: {type: yes_no, label: 乙, question: 是不是乙？}
  gamma: {type: yes_no, label: 丙, question: 是不是丙？}
  delta: {type: yes_no, label: 丁, question: 是不是丁？}
  sales: {type: money, unit: 元, label: 销售额, question: 销售额是多少？}
  rank:
    type: choice
    label: 档次
    question: 是哪一档？
    options: {high: 高, low: 低}
  unasked: {type: yes_no, label: 推算项}
"""
Plan = Callable[..., Questionnaire]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """``plan(measure, ..., profile={...})``: the questionnaire over these measures."""

    def made(
        *measures: str,
        profile: Mapping[str, Any] | None = None,
        as_of: date = DAY,
        skipped: tuple[str, ...] = (),
        **files: str,
    ) -> Questionnaire:
        pack = pack_of(tmp_path, *measures, vocabulary=VOCABULARY, **files)
        found = profile_of(profile or {}, pack.vocabulary, pack.tables)
        return Questionnaire(compile_pack(pack), found, as_of, skipped=skipped)

    return made
