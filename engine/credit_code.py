"""The unified social credit code 统一社会信用代码 (GB 32100-2015): 18 characters, the last a check character.

Only form and check character are tested. Nothing is derived from the digits, least of all a place: positions
3 to 8 name the authority that first registered the entity, which stays when the entity moves.

``stdnum.cn.uscc`` computes the check character. Its ``validate`` is not used: it demands digits in the first
two positions, where the standard has letters too (Y 其他; N 农业, A 军队 since the amendments).
"""

from __future__ import annotations

import re

from stdnum.cn import uscc

from engine.code_table import CodeError, half_width

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18

_SEPARATORS = re.compile(r"[\s\-]+")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+")
_LOOKS_LIKE = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}


def check_credit_code(text: str) -> str:
    """The code in its normal form: half width, upper case, no spaces or hyphens.

    Raises ``CodeError`` with one of ``credit-code-blank``, ``-scientific`` (a spreadsheet made it a number),
    ``-length``, ``-letter`` (a character that GB 32100 does not use), ``-region`` (positions 3 to 8 are no
    digits) and ``-check``, which says what the check character would have to be.
    """
    code = _SEPARATORS.sub("", half_width(text)).upper()
    if not code:
        raise CodeError("credit-code-blank", "统一社会信用代码为空")
    if _SCIENTIFIC.fullmatch(code):
        raise CodeError(
            "credit-code-scientific",
            f"“{text}”是科学计数法：电子表格把统一社会信用代码当成了数字，后几位已经丢失",
            "请把该列设为文本格式，再从原始资料重新录入",
        )
    _check_length(code)
    _check_letters(code)
    _check_character(code)
    return code


def _check_length(code: str) -> None:
    if len(code) == LENGTH:
        return
    hint = f"{'少' if len(code) < LENGTH else '多'}了 {abs(LENGTH - len(code))} 位"
    if len(code) == 15 and code.isdigit():
        hint = "15 位的是旧的工商注册号，请用营业执照上的统一社会信用代码"
    message = f"统一社会信用代码应为 {LENGTH} 位，“{code}”是 {len(code)} 位"
    raise CodeError("credit-code-length", message, hint)


def _check_letters(code: str) -> None:
    wrong = [(place, mark) for place, mark in enumerate(code, 1) if mark not in ALPHABET]
    if wrong:
        where = "、".join(f"第 {place} 位“{mark}”" for place, mark in wrong)
        likely = [f"{mark} 是否应为 {_LOOKS_LIKE[mark]}" for _, mark in wrong if mark in _LOOKS_LIKE]
        message = f"统一社会信用代码只用数字和除 I、O、S、V、Z 以外的大写字母，{where}不允许"
        hint = "请核对：" + ", ".join(dict.fromkeys(likely)) if likely else ""
        raise CodeError("credit-code-letter", message, hint)
    if not code[2:8].isdigit():
        message = f"统一社会信用代码第 3 至 8 位是登记管理机关的行政区划码，应为数字，“{code[2:8]}”不是"
        raise CodeError("credit-code-region", message)


def _check_character(code: str) -> None:
    expected = uscc.calc_check_digit(code[:-1])
    if code[-1] == expected:
        return
    hint = "前 17 位或校验码有误，请对照营业执照核对"
    if code.isdigit() and code.endswith("000"):
        hint = "末尾的 000 可能是电子表格只保留 15 位数字造成的，请把该列设为文本格式后重新录入"
    message = f"统一社会信用代码“{code}”的校验码不符：按前 17 位计算应为“{expected}”，现为“{code[-1]}”"
    raise CodeError("credit-code-check", message, hint)
