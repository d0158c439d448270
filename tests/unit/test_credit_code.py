"""Credit codes: form and check character, and no more than that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from engine import credit_code
from engine.code_table import CodeError
from engine.credit_code import ALPHABET, check_credit_code


@pytest.mark.parametrize(
    "code",
    [
        "91110112MAXXXX0154",
        "91110112MAXXXX023Y",
        "91110112MAXXXX031R",
        "91110108MAXXXX111L",
        "91131082MAXXXX218L",
        "91110000MAXXXX314G",
        "12110000XXXXXX414D",  # 事业单位
        "51110000XXXXXX510M",  # 社会团体
        "91110108551385082Q",
        "91440300708461136T",
        "91330100799655058B",
    ],
)
def test_valid_here_and_in_stdnum(code: str) -> None:
    assert check_credit_code(code) == uscc.validate(code) == code


@pytest.mark.parametrize("code", ["Y1110000MAXXXX015W", "N2110000MAXXXX0152"])
def test_first_position_may_be_a_letter(code: str) -> None:
    """GB 32100 has letters there; stdnum's own validation refuses them, which is why it is not used."""
    assert check_credit_code(code) == code
    assert not uscc.is_valid(code)


@pytest.mark.parametrize(
    "text",
    [
        "  91110108551385082q ",
        "９１１１０１０８５５１３８５０８２Ｑ",
        "9111 0108 5513 8508 2Q",
        "911101-08551385082-Q",
        "91110108551385082Q\u200b",
        "\u300091110108551385082Ｑ\t",
    ],
)
def test_normalised(text: str) -> None:
    assert check_credit_code(text) == "91110108551385082Q"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "credit-code-blank", "为空"),
        ("\u3000", "credit-code-blank", "为空"),
        ("91110112MAXXXX0155", "credit-code-check", "应为“4”"),
        ("91440300713555564J", "credit-code-check", "应为“9”"),
        ("91110112MAXXXX015", "credit-code-length", "是 17 位"),
        ("91110112MAXXXX01544", "credit-code-length", "是 19 位"),
        ("110108012345678", "credit-code-length", "工商注册号"),
        ("91110112MIXXXX0154", "credit-code-letter", "第 10 位“I”"),
        ("9111O112MAXXXX0154", "credit-code-letter", "O 是否应为 0"),
        ("91110112MAXXXX015*", "credit-code-letter", "第 18 位“*”"),
        ("9111011AMAXXXX0154", "credit-code-region", "第 3 至 8 位"),
        ("9.11101E+17", "credit-code-scientific", "科学计数法"),
        ("9.11101085513851e+17", "credit-code-scientific", "文本格式"),
        ("911101085513850000", "credit-code-check", "15 位数字"),
    ],
)
def test_refusal(text: str, code: str, said: str) -> None:
    with pytest.raises(CodeError) as caught:
        check_credit_code(text)
    assert caught.value.code == code
    assert said in str(caught.value)


@pytest.mark.parametrize("letter", list("IOSVZ"))
def test_letters_that_are_not_used(letter: str) -> None:
    with pytest.raises(CodeError, match=f"“{letter}”"):
        check_credit_code(f"91110112M{letter}XXXX0154")


@given(
    st.tuples(
        st.text("159YNA", min_size=1, max_size=1),
        st.text("123", min_size=1, max_size=1),
        st.text("0123456789", min_size=6, max_size=6),
        st.text(ALPHABET, min_size=9, max_size=9),
    ).map("".join)
)
@settings(max_examples=100, deadline=None)
def test_exactly_one_check_character_fits(body: str) -> None:
    """An independent computation of GB/T 17710: weights 3^i mod 31."""
    total = sum(ALPHABET.index(mark) * pow(3, place, 31) for place, mark in enumerate(body))
    right = ALPHABET[-total % 31]
    assert check_credit_code(body + right) == body + right
    wrong = ALPHABET[(ALPHABET.index(right) + 1) % 31]
    with pytest.raises(CodeError, match=f"应为“{right}”"):
        check_credit_code(body + wrong)


@given(st.text(max_size=25))
@settings(max_examples=100, deadline=None)
def test_any_text_is_normalised_or_refused(text: str) -> None:
    try:
        assert check_credit_code(check_credit_code(text)) == check_credit_code(text)
    except CodeError as refusal:
        assert refusal.code.startswith("credit-code-")


def test_nothing_is_derived_from_the_digits() -> None:
    """Positions 3 to 8 are the first registration authority, not the domicile: no function gives a place."""
    own = {
        name
        for name, thing in vars(credit_code).items()
        if callable(thing) and getattr(thing, "__module__", "") == credit_code.__name__ and name[0] != "_"
    }
    assert own == {"check_credit_code"}
