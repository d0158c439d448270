"""Who is named: the departments that answer for a clause, and the beneficiary of a promise, in the words of the text."""

from __future__ import annotations

import re

from engine.drafting.clauses import Clause
from engine.official_text import Sentence

_DUTY = re.compile(
    r"(?:责任单位|责任部门|责任主体|牵头单位|牵头部门|牵头责任单位|主责单位|配合单位|配合部门|主办部门|实施部门)\s*[:：]\s*(?P<named>[^；;。\n]+)"
)
_CHARGED = re.compile(r"[(（](?P<named>[^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*?)负责[)）]")
_SEPARATE = re.compile(r"[、,，;；]|以及|会同")
_BRACKETED = re.compile(r"[(（][^()（）]*[)）]")
_OTHER_LABEL = re.compile(r"完成时限[:：]|时限[:：]")
_MOST = 40


def departments_in(sentence: str) -> list[str]:
    """The departments that a sentence charges, in order, each once."""
    found: list[str] = []
    for pattern in (_DUTY, _CHARGED):
        for match in pattern.finditer(sentence):
            found += _names(match["named"])
    return list(dict.fromkeys(found))


def only_charges(sentence: Sentence) -> bool:
    """Whether a sentence does nothing but charge departments and set their term."""
    return sentence.is_duty or (sentence.text[:1] in ("(", "（") and bool(departments_in(sentence.text)))


def assign_departments(clauses: list[Clause]) -> None:
    """Give each clause the departments that its own text charges, and those of a line of its own that closes it.

    Such a line after the last of several items also answers for the items before it, back to another such line; it
    never reaches beyond the section that it stands in.
    """
    for index, clause in enumerate(clauses):
        for number, sentence in enumerate(clause.sentences):
            named = departments_in(sentence.text)
            clause.departments += [name for name in named if name not in clause.departments]
            before = clause.sentences[number - 1] if number else None
            if named and sentence.is_duty and (before is None or before.line != sentence.line):
                _share(clauses, index, named)


def _share(clauses: list[Clause], index: int, named: list[str]) -> None:
    own = clauses[index]
    if len(own.path) < 3:
        return
    section = own.path[:-1]
    for clause in reversed(clauses[:index]):
        if clause.departments or clause.path[: len(section)] != section or clause.path == section:
            return
        clause.departments += named


def _names(text: str) -> list[str]:
    """Split at commas outside brackets."""
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        hidden.append(match[0])
        return f"\x00{len(hidden) - 1}\x01"

    flat = text
    while _BRACKETED.search(flat):
        flat = _BRACKETED.sub(hide, flat)
    names = []
    for part in _SEPARATE.split(flat):
        while "\x00" in part:
            part = re.sub("\x00(\\d+)\x01", lambda found: hidden[int(found[1])], part)
        part = re.sub(r"^由|(?:按照?(?:各自)?职责(?:分工)?|分工|分别|共同|牵头|等)+$", "", part.strip(" )）(（。"))
        part = part + ")" if part.count("(") > part.count(")") else part
        part = part + "）" if part.count("（") > part.count("）") else part
        if 2 <= len(part) <= _MOST and not _OTHER_LABEL.match(part):
            names.append(part)
    return names


_HEADS = (
    "企业|公司|机构|单位|高校(?!院所)|院校|院所|主体|团队|人才|个人|孵化器|众创空间|加速器|联盟|平台(?!型)|基地|银行|园区(?!运营|建设|相关)|协会|组织"
    "|中心|小镇|载体|项目|人员|实验室|基金|商会|创业者|留学生|外籍人士|专家|学校|医院|运营方|建设方|法人|工匠|投资者|商户|门店"
)
_ENOUGH = "(?![、和及与或的等(（])"
"""A list of beneficiaries goes on after these."""
_TO = re.compile(
    r"(?:^|[,，;；。:：])(?:对于|对)(?P<who>[^,，;；。:：]{2,60}?)"
    r"(?:[,，](?:分别|按照?|给予|予以|每|一次性|最高|优先|同时|经|可)|(?:分别)?(?:给予|予以|提供|发放|授予|优先|按照?|实行|实施))"
)
_FOR = re.compile(rf"(?:^|[,，;；。:：])(?:为|向|给)(?P<who>[^,，;；。:：]{{0,50}}?(?:{_HEADS}))(?:给予|予以|提供|发放|授予)")
_LATER = re.compile(r"^(?:对于|对)(?P<who>[^,，;；。:：]{2,60}?)[,，]")
_GIVEN = re.compile(rf"(?:给予|予以|奖励)(?P<who>个人|团队|[^,，;；。\d]{{0,12}}?(?:{_HEADS}))(?=[^,，]{{0,6}}\d|[,，]|一次性|最高)")
_BACKED = re.compile(
    rf"(?:^|[,，;；。:：])(?:大力|积极|优先|重点)?(?:支持|鼓励|引导|扶持|资助|奖励)(?:和引导|并引导|支持|和支持)?"
    rf"(?P<who>[^,，;；。:：]{{0,50}}?(?:{_HEADS})等?){_ENOUGH}"
)
_SUBJECT = re.compile(
    rf"^(?!对|为|向|在|支持|鼓励)(?P<who>[^,，;；。:：]{{0,40}}?(?:{_HEADS}))(?:的)?[,，].*(?:给予|奖励|补贴|补助|资助|享受)"
)
_DEED = re.compile("(?:并|在|开展|建设|设立|打造|举办|建立|推动|组建|创办|引进|社会资金|入选|开放|落户)")
"""What is backed is a deed, and the text does not say whose."""


def beneficiary_of(sentence: str) -> str | None:
    """Whom a sentence (without its marker) promises something to, as written; None where no form tells."""
    backed = re.match("(?:大力|积极|优先|重点)?(?:支持|鼓励)", sentence)
    for pattern in (_BACKED, _TO, _FOR) if backed else (_TO, _FOR, _LATER, _BACKED, _GIVEN, _SUBJECT):
        match = pattern.search(sentence)
        if match is not None and len(match["who"]) >= 2 and not (pattern is _BACKED and _DEED.match(match["who"])):
            who = match["who"]
            closed = re.match("[^()（）]{0,8}[)）]", sentence[match.end("who") :])
            return who + closed[0] if closed and len(re.findall("[(（]", who)) > len(re.findall("[)）]", who)) else who
    return None
