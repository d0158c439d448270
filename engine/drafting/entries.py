"""From clauses to the entries of a pack: what reads like a promise becomes a measure, other tasks become context.

An entry holds words and figures of the text and nothing else; whatever a person has to decide is an open point.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.drafting.clauses import Clause, unmarked
from engine.drafting.figures import BREAKS, Figure, figures
from engine.drafting.heading import DAY, ISSUER
from engine.drafting.parties import beneficiary_of, only_charges
from engine.official_text import Sentence

LONGEST_PHRASE = 40
_STRONG = re.compile(
    "给予|奖励|奖补|补贴|补助|资助|贴息|减免|免费|免收|优惠|授予|配套奖|一次性|优先纳入|优先安排|优先推荐|优先支持|按比例|扶持资金|资金支持"
    "|租金|享受|绿色通道|一事一议"
)
_WEAK = re.compile(
    r"^(?:大力|积极|优先|重点|鼓励)?(?:支持|鼓励支持|扶持|资助)|[,，](?:支持|鼓励支持)"
    r"|^(?:对|对于|为|向)[^,，。]{2,60}(?:提供|优先|开放)|^推荐"
)
_BACKS = re.compile("支持|鼓励|推荐|提供|优先|帮助|投资|培育")
_ASIDE = re.compile(
    "发展目标|总体目标|工作目标|主要目标|总体要求|指导思想|基本原则|总体思路|原则$|资金来源|组织保障|保障措施|组织实施|附则|工作要求|组织领导|监督管理"
    "|有关要求|基本情况|起草|名词解释|绩效|支持对象|适用范围|适用对象|政策兑现|其他规定|其他事项|申报|附件"
)
"""Titles of clauses that aim or organise: nobody can apply there."""
_PROCEDURE = re.compile(
    "提交.{0,20}(?:材料|申请|报告|申报)|组织(?:专家)?评审|公示|受理|不重复|不得重复|就高|申报(?:时间|截止|材料|流程|程序)|追回|弄虚作假|骗取"
)
_CONDITIONS = re.compile("(?:条件|要求|材料|资料)(?:之一)?(?:的[^,，。:：]{0,12})?[:：]$")
"""A sentence that leads to clauses of which each is a condition or a paper to hand in."""
_LEADS = re.compile("(?:下列|以下|如下)[^。]{0,8}(?:奖励|支持|扶持|优惠|政策|措施|服务|内容|标准)[^。]{0,6}[:：]$")
_OWN = "本(?:优惠|扶持|奖励|资助|补贴|实施|暂行)*(?:措施|办法|计划|方案|政策|通知|意见|规定|细则)"
_DOCUMENT = re.compile(
    f"^(?:{_OWN}|制定实施《|为深入贯彻|根据|本[^,，。]{{0,12}}所称)|是指|负责解释|同时废止|制[定订]{_OWN}"
)
"""What the text says of itself."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence of an entry with its figures."""

    sentence: Sentence
    words: str
    figures: tuple[Figure, ...]


@dataclass(slots=True)
class Entry:
    """A measure (``promise``) or a programme in the making. ``phrases`` are its citations, verbatim."""

    id: str
    clause: Clause
    promise: bool
    said: list[Found]
    beneficiary: str | None = None
    phrases: list[str] = field(default_factory=list)

    @property
    def figures(self) -> list[Figure]:
        """All its figures in order."""
        return [figure for found in self.said for figure in found.figures]

    @property
    def words(self) -> str:
        """Its sentences without markers."""
        return "".join(found.words for found in self.said)


def entries(clauses: list[Clause], prefix: str) -> list[Entry]:
    """The entries in the order of the text; ids are ``prefix``, the numerals of the clause and a running letter."""
    made: list[Entry] = []
    used: Counter[str] = Counter()
    aside: tuple[tuple[str, str], ...] | None = None
    for clause in clauses:
        if aside is not None and clause.path[: len(aside)] != aside:
            aside = None
        if aside is None and clause.path and _ASIDE.search(clause.title):
            aside = clause.path
        if not clause.path or clause.in_annex:
            continue
        for promise, said in _groups(clause, aside is not None):
            id = _id(prefix, clause, used)
            entry = Entry(id, clause, promise, said, _beneficiary(clause, said[0]) if promise else None)
            entry.phrases = phrases(entry)
            made.append(entry)
        if aside is None and clause.path and clause.sentences and _CONDITIONS.search(clause.sentences[-1].text):
            aside = clause.path
    return made


def _beneficiary(clause: Clause, found: Found) -> str | None:
    return beneficiary_of(found.words) or beneficiary_of(clause.title)


def _groups(clause: Clause, aside: bool) -> Iterator[tuple[bool, list[Found]]]:
    """Each promising sentence alone, and the rest of a clause without one as a programme."""
    promised = False
    rest: list[Found] = []
    for found in map(_found, clause.body):
        if _is_frame(found) and not _pays(found):
            continue
        if _promises(found, aside):
            promised = True
            yield True, [found]
        else:
            rest.append(found)
    if rest and not promised and not aside and _is_task(clause, rest):
        yield False, rest


def _pays(found: Found) -> bool:
    """Whether it states what is paid; such a sentence is a measure wherever it stands."""
    paid = any(figure.role in ("amount", "cap", "rate", "tier") for figure in found.figures)
    return paid and _STRONG.search(found.words) is not None


def _promises(found: Found, aside: bool) -> bool:
    if aside or _pays(found):
        return _pays(found)
    return _STRONG.search(found.words) is not None or _WEAK.search(found.words) is not None


def _is_task(clause: Clause, rest: list[Found]) -> bool:
    """Whether what is left of a clause is a task: more than a lead-in to the clauses within it."""
    return any(found.figures or len(found.words) > 12 for found in rest) or bool(clause.departments)


def _is_frame(found: Found) -> bool:
    """Duties, procedure, lead-ins to clauses, signatures, and what the document says of itself."""
    text = found.words
    if _PROCEDURE.search(text) or _LEADS.search(text) or DAY.fullmatch(text) or ISSUER.fullmatch(text):
        return True
    return only_charges(found.sentence) or _DOCUMENT.search(text) is not None


def _found(sentence: Sentence) -> Found:
    words = unmarked(sentence.text)
    skipped = len(sentence.text) - len(words)
    shifted = tuple(
        Figure(f.kind, f.role, f.start - skipped, f.end - skipped, f.text, f.unit, f.value) for f in figures(sentence.text)
    )
    return Found(sentence, words, shifted)


def _id(prefix: str, clause: Clause, used: Counter[str]) -> str:
    parts = [_arabic(numeral) for kind, numeral in clause.path if numeral and kind != "annex"]
    stem = "-".join([prefix, *parts])
    used[stem] += 1
    return f"{stem}-{_letters(used[stem])}"


def _letters(number: int) -> str:
    """1 is a, 26 is z, 27 is aa."""
    word = ""
    while number:
        number, digit = divmod(number - 1, 26)
        word = chr(ord("a") + digit) + word
    return word


def _arabic(numeral: str) -> str:
    if numeral.isdecimal():
        return str(int(numeral))
    if "①" <= numeral <= "⑳":
        return str(ord(numeral) - ord("①") + 1)
    tens, ten, ones = numeral.partition("十")
    digits = "零一二三四五六七八九"
    if not ten:
        return "".join(str(digits.index(sign)) for sign in numeral if sign in digits) or "0"
    return str((digits.index(tens[-1]) if tens else 1) * 10 + (digits.index(ones[0]) if ones else 0))


# Citations


def phrases(entry: Entry) -> list[str]:
    """The operative phrases: verbatim, at most ``LONGEST_PHRASE`` characters, every figure inside one."""
    cited: list[str] = []
    for found in entry.said:
        wanted = [(figure.start, figure.end) for figure in found.figures]
        if not wanted:
            wanted = _operative(found.words)[:1] if entry.promise or not cited else []
        for start, end in _windows(found.words, wanted):
            phrase = found.words[start:end]
            if phrase not in cited:
                cited.append(phrase)
        if entry.promise and entry.beneficiary and not any(entry.beneficiary in phrase for phrase in cited):
            at = found.words.find(entry.beneficiary)
            if at >= 0 and len(entry.beneficiary) <= LONGEST_PHRASE:
                cited.insert(0, entry.beneficiary)
    return [phrase for phrase in cited if not any(phrase != other and phrase in other for other in cited)]


def _operative(words: str) -> list[tuple[int, int]]:
    """The word that promises, or the start of the sentence."""
    match = _STRONG.search(words) or _BACKS.search(words)
    return [match.span() if match else (0, min(2, len(words)))]


def _windows(words: str, wanted: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """For each piece between commas with wanted parts: the piece, widened to the left while it stays short."""
    cuts = [0, *(match.end() for match in BREAKS.finditer(words)), len(words)]
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for start, end in wanted:
        low, high = max(cut for cut in cuts if cut <= start), min(cut for cut in cuts if cut >= end)
        groups.setdefault((low, high - len(words[low:high]) + len(words[low:high].rstrip(",，;；。:： "))), []).append((start, end))
    found: list[tuple[int, int]] = []
    for (low, high), parts in groups.items():
        if any(begin <= low and high <= stop for begin, stop in found):
            continue
        if high - low <= LONGEST_PHRASE:
            wider = min(cut for cut in cuts if high - cut <= LONGEST_PHRASE)
            found.append((min(wider, low), high))
        else:
            found += _split(words, low, high, parts)
    return found


def _split(words: str, low: int, high: int, parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A piece that is too long: one window around all its parts where they lie close, else one around each."""
    first, last = parts[0][0], parts[-1][1]
    if last - first <= LONGEST_PHRASE:
        return [_around(words, low, high, first, last)]
    return [_around(words, low, high, start, end) for start, end in parts]


def _around(words: str, low: int, high: int, start: int, end: int) -> tuple[int, int]:
    """At most ``LONGEST_PHRASE`` characters: from the start of the piece where they reach, else up to its end.

    What must be cut is cut at 、 if there is one, and never inside a number.
    """
    if end - low <= LONGEST_PHRASE:
        left, right = low, min(high, low + LONGEST_PHRASE)
        if right < high:
            cut = max(words.rfind(mark, end, right) for mark in "、和及")
            right = cut if cut > end else right
    else:
        right = high if high - start <= LONGEST_PHRASE else end
        left = max(low, right - LONGEST_PHRASE)
        cut = words.find("、", left, start)
        left = cut + 1 if cut >= 0 else left
    if right < high and re.search(r"\d[\d.,]*[十百千万亿]*$", words[left:right]):
        right = end
    return left, right
