"""Amounts examined: caps are reached and kept, figures fit 64 bits, exclusive measures are not both paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import combinations
from math import ceil, floor

from engine.citations import figures_of
from engine.compiler import compile_pack
from engine.completions.cone import all_leaves
from engine.completions.examination import Examination, Flaw, Mismatch, Shown, flaw
from engine.completions.measure_checks import MeasureCheck
from engine.completions.session import verdicts
from engine.conditions import Sum, Test
from engine.documents import Group, Proportional
from engine.pack import Measure, Pack
from engine.profile import profile_of
from engine.program import Program
from engine.quantities import format_money
from engine.reference import ReferenceSolver
from engine.regions import Intervals
from engine.screening import determine
from engine.spans import Number

WHOLE = 2**63 - 1
FIGURE = 10**15
"""Figures up to here (fen: ten trillion yuan) must stay within 64 bits when they are multiplied by a ratio's parts."""


def check_amounts(check: MeasureCheck) -> Iterator[Flaw]:
    """Flaws of what a measure pays."""
    yield from _integers(check)
    benefit = check.measure.spec.benefit
    if isinstance(benefit, Proportional) and benefit.rate > 0:
        try:
            yield from _caps(check, benefit)
        except Mismatch as mismatch:
            yield mismatch.flaw


def _integers(check: MeasureCheck) -> Iterator[Flaw]:
    benefit, name, place = check.measure.spec.benefit, check.measure.id, check.measure.place
    rates = [benefit.rate] if isinstance(benefit, Proportional) else []
    for figure in figures_of(check.measure.spec):
        if figure not in rates and (figure * 100).denominator != 1:
            yield flaw(place, "verify-integer", f"{name}：金额{format_money(figure)}不是整数分")
        if figure not in rates and figure < 0:
            yield flaw(place, "verify-integer", f"{name}：金额{format_money(figure)}是负数")
    for rate in rates:
        if not _fits(rate):
            yield flaw(place, "verify-integer", f"{name}：比例{rate}乘以金额会超出64位整数")
    for leaf in all_leaves(check.measure.condition):
        region = check.examination.world.cone.region(leaf.comparisons) if isinstance(leaf, Test) else None
        points = [p for span in region.spans for p in (span.low, span.high)] if isinstance(region, Intervals) else []
        if any(isinstance(point, int | Fraction) and not _fits(point) for point in points):
            yield flaw(leaf.note.place, "verify-integer", f"{name}：门槛乘以金额会超出64位整数")


def _fits(ratio: Number) -> bool:
    """Whether figures times the parts of a ratio stay whole numbers of 64 bits."""
    value = Fraction(ratio)
    if value.denominator == 1:
        return abs(value.numerator) * 100 <= WHOLE
    return max(abs(value.numerator), value.denominator) * FIGURE <= WHOLE


def _caps(check: MeasureCheck, benefit: Proportional) -> Iterator[Flaw]:
    """The amount is the rate up to the cap and the cap beyond, to the fen, by the reference executor."""
    world, measure = check.examination.world, check.measure
    if measure.base is None:
        return
    figure = world.figure(measure.base, check.reach())
    units = figure.corners[0][0]
    if benefit.cap is None:
        yield from _paid(check, benefit, units == 12345, 12345)
        return
    edge = Fraction(benefit.cap.amount) * 100 / Fraction(benefit.rate)
    if check.examination.find(check.eligible, units >= ceil(edge)) is None:
        message = f"{measure.id}：上限{format_money(benefit.cap.amount)}永远达不到"
        yield flaw(measure.place, "verify-cap-dead", message, "请核对比例和上限")
        return
    for fen in (floor(edge) - 1, ceil(edge), ceil(edge) + 1, ceil(edge) * 1000):
        yield from _paid(check, benefit, units == fen, fen)


def _paid(check: MeasureCheck, benefit: Proportional, goal: object, fen: int) -> Iterator[Flaw]:
    model = check.examination.find(check.eligible, goal)
    if model is None:
        return
    data = check.examination.profile(model)
    result = check.replay.result(data)
    cap = benefit.cap.amount if benefit.cap else None
    product = Fraction(fen, 100) * Fraction(benefit.rate)
    wanted = product if cap is None else min(product, Fraction(cap))
    one = _single(check, model)
    found = result.amount_range_yuan
    low, high = (Fraction(found[0]), None if found[1] is None else Fraction(found[1])) if found else (None, None)
    if result.verdict != "eligible":
        raise Mismatch(check.measure, data, "eligible", result.verdict, check.as_of)
    if one and (low, high) != (wanted, wanted):
        message = f"{check.measure.id}：基数{format_money(Fraction(fen, 100))}应得{format_money(wanted)}，实得{found}"
        shown = Shown("金额不对的画像", data, "eligible", check.as_of)
        yield flaw(check.measure.place, "verify-amount", message, "这是程序的错误，请把画像一并反馈", [shown])


def _single(check: MeasureCheck, model: object) -> bool:
    """Whether one record alone carries the base, so that no scope of the cap comes in."""
    base = check.measure.base
    if not isinstance(base, Sum):
        return True
    kind = base.path.partition(".")[0]
    holders = check.examination.world.holders(kind)
    present = [holder for holder in holders if str(model.eval(holder.present, model_completion=True)) == "True"]  # type: ignore[attr-defined]
    return len(present) == 1


def check_groups(program: Program, document: str, as_of: date) -> Iterator[Flaw]:
    """Measures that exclude each other are never both paid: one payee, and a total that keeps the exclusion."""
    pack = program.pack
    for group in pack.documents[document].groups:
        members = [measure for measure in pack.measures if measure.id in group.measures]
        if len({measure.spec.payee for measure in members}) > 1:
            names = "、".join(measure.id for measure in members)
            message = f"互斥组“{group.id}”的措施给不同的人：{names}"
            yield flaw(members[0].place, "verify-exclusive", message, "合计按领取人分别计算，互斥不会生效")
        for one, other in combinations(members, 2):
            yield from _both(program, group, one, other, as_of)


def _both(program: Program, group: Group, one: Measure, other: Measure, as_of: date) -> Iterator[Flaw]:
    """A profile that gets both, where there is one: its total must keep what the text says."""
    examination = Examination(program, [one.condition, other.condition], as_of)
    first, _ = verdicts(one, examination.world)
    second, _ = verdicts(other, examination.world)
    model = examination.find(first, second)
    if model is None:
        return
    data = examination.profile(model)
    pack = Pack(
        **{name: getattr(program.pack, name) for name in Pack.__slots__ if name not in ("measures", "programmes")},
        measures=(one, other),
        programmes=(),
    )
    determination = determine(
        compile_pack(pack), profile_of(data, pack.vocabulary, pack.tables), as_of, ReferenceSolver()
    )
    highs = [r.amount_range_yuan[1] for r in determination.results if r.amount_range_yuan is not None]
    if any(high is None for high in highs) or not highs:
        return
    each = [Fraction(high) for high in highs if high is not None]
    most = Fraction(group.cap) if group.kind == "joint_cap" and group.cap is not None else max(each)
    ends = [item.confirmed[1] for item in determination.totals.values()]
    # Each amount has an upper end, so the totals have one too.
    total = sum((Fraction(end) for end in ends if end is not None), start=Fraction(0))
    if total > most:
        shown = Shown("同时符合两项的画像", data, "eligible", as_of)
        message = f"互斥组“{group.id}”：{one.id}与{other.id}合计得{format_money(total)}，应不超过{format_money(most)}"
        yield flaw(one.place, "verify-exclusive", message, "", [shown])
