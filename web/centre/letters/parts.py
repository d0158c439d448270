"""What both letters say in the same way: sources, how to check the letter, who decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.determination import Result
from engine.quantities import format_date
from web.centre.choices import Choices
from web.centre.letters.basis import Basis
from web.centre.letters.letter import Block, Letter, Pairs, Paragraph
from web.texts import gettext as _


def title_of(result: Result) -> str:
    """The document of a measure with its number."""
    cited = result.citation
    return f"《{cited.title.strip('《》')}》{cited.number or _('（文号未载明）')}"


def quoted(result: Result) -> str:
    """The operative phrases, verbatim, one a line."""
    return "\n".join(f"“{phrase}”" for phrase in result.citation.phrases)


def reference(basis: Basis, by: str) -> Iterator[Block]:
    """By what an audit finds the determination, and who decides."""
    number, hash_ = basis.link
    yield Pairs(
        (
            (_("评估日"), format_date(basis.row.as_of)),
            (_("规则版本"), basis.row.pack_version),
            (_("资料"), _("第 %(n)d 版") % {"n": basis.version}),
            (_("认定记录"), _("第 %(n)d 号") % {"n": basis.row.id}),
            (_("存证"), _("第 %(n)d 环，校验值 %(hash)s") % {"n": number, "hash": hash_}),
            (_("经办人"), by),
        )
    )
    yield Paragraph(
        _("结论由公开文件写成的规则得出，只说明文件写明的条件是否满足；是否给予、给予多少，由主管部门决定。"), "quiet"
    )


def closing(title: str, basis: Basis, blocks: tuple[Block, ...], centre: Choices, day: date) -> Letter:
    """The letter of these blocks."""
    running = _("%(title)s　认定记录第 %(n)d 号") % {"title": title, "n": basis.row.id}
    return Letter(title, running, blocks, centre.name, format_date(day), day)
