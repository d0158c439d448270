"""Who stands where: counted, narrowed, sorted and kept up to date from the database of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from threading import Thread

import numpy as np
import pytest
from sqlalchemy import Engine, select

from tests.centre.crowd import T0, Crowd
from web.centre import keeping
from web.centre.roster import GROUPS, NOBODY, Query, Roster, Snapshot
from web.centre.store import database, schema
from web.centre.store.database import reading, writing
from web.centre.store.tables import Enterprise, Entitlement, Standing

MEASURES = ("m1", "m2", "m3")


@pytest.fixture
def centre(engine: Engine) -> Crowd:
    return Crowd(engine, {"new": MEASURES})


def roster(centre: Crowd) -> Roster:
    return Roster(centre.engine, MEASURES)


def names(snapshot: Snapshot, query: Query) -> str:
    """The names of whom a query asks for, in its order."""
    return "".join(snapshot.row(int(place)).name[0] for place in snapshot.select(query))


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """Six applicants, called 甲, 乙, 丙 ... in the order in which they came; what is asked of them needs no database."""
    engine = database.connect(database.address_of(str(tmp_path_factory.mktemp("roster") / "centre.db")))
    schema.migrate(engine)
    centre = Crowd(engine, {"new": MEASURES})
    user = centre.user
    for name, verdicts, more in (
        ("甲公司", "EPN", {"division": "110112", "industry": "I65", "size": "small", "amounts": {"m1": ("0", "500000")}}),
        ("乙（北京）公司", "EPX", {"division": "110105", "industry": "I653", "amounts": {"m1": ("5", "99999.999")}}),
        ("丙公司", "EFP", {"division": "131022", "industry": "C", "amounts": {"m1": ("1", None), "m3": ("0", "7")}}),
        ("丁公司", "EEE", {"key": "9111ＡB", "division": "11", "size": "large", "assignee": user}),
        ("戊公司", "NNN", {"size": "micro", "amounts": {}}),
        ("己公司", "", {}),
    ):
        waits = {MEASURES[place]: [f"j{place}", "both"] for place, letter in enumerate(verdicts) if letter == "P"}
        centre.take(name, verdicts, awaiting=waits, at=T0 + timedelta(days=len(name)), **more)
    yield roster(centre).snapshot()
    engine.dispose()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(sort="name"), "丙丁己甲戊乙"),
        (Query(measure="m1", group="eligible", sort="name"), "丙丁甲乙"),
        (Query(measure="m2", group="pending"), "甲乙"),
        (Query(measure="m1", group="pending"), ""),
        (Query(group="pending"), "甲丙乙"),
        (Query(group="not_in_force"), "乙"),
        (Query(division="11", sort="name"), "丁甲乙"),
        (Query(division="1101", sort="name"), "甲乙"),
        (Query(division="110112"), "甲"),
        (Query(division="12"), ""),
        (Query(industry="I", sort="name"), "甲乙"),
        (Query(industry="I653"), "乙"),
        (Query(size="small"), "甲"),
        (Query(size="huge"), ""),
        (Query(assignee=NOBODY, sort="name"), "丙己甲戊乙"),
        (Query(assignee=1), "丁"),
        (Query(measure="m1", at_least=100_000, sort="amount"), "甲丙"),
        (Query(measure="m1", at_least=99_999, sort="amount"), "乙甲丙"),
        (Query(measure="m1", at_most=500_000, sort="amount"), "乙甲"),
        (Query(measure="m1", at_least=0, at_most=100_000), "乙"),
        (Query(measure="m3", at_most=7), "丙"),
        (Query(at_most=7), ""),
        (Query(judgement="j1"), "甲乙"),
        (Query(judgement="j2"), "丙"),
        (Query(judgement="both", measure="m3"), "丙"),
        (Query(judgement="unheard-of"), ""),
        (Query(text="公司", sort="name"), "丙丁己甲戊乙"),
        (Query(text="北京"), "乙"),
        (Query(text="公司 乙(北"), "乙"),
        (Query(text="9111ab"), "丁"),
        (Query(text="９１１１Ａ"), "丁"),
        (Query(text="己公司"), "己"),
        (Query(text="司甲"), ""),
        (Query(measure="m1", sort="amount"), "乙甲丙丁戊己"),
        (Query(measure="m1", sort="amount", descending=True), "丙甲乙丁戊己"),
        (Query(sort="division"), "丁乙甲丙戊己"),
        (Query(sort="division", descending=True), "丙甲乙丁戊己"),
        (Query(sort="industry"), "丙甲乙丁戊己"),
        (Query(sort="size"), "戊甲丁乙丙己"),
        (Query(sort="assignee"), "丁甲乙丙戊己"),
        (Query(sort="since"), "甲丙丁戊己乙"),
        (Query(sort="since", descending=True), "乙甲丙丁戊己"),
    ],
)
def test_who_is_asked_for_in_which_order(crowd: Snapshot, query: Query, expected: str) -> None:
    assert names(crowd, query) == expected
    assert crowd.total(query) == len(expected)


def test_counting(crowd: Snapshot) -> None:
    none = dict.fromkeys(GROUPS, 0)
    assert crowd.counts()["m1"] == {**none, "eligible": 4, "ineligible": 1}
    assert crowd.counts()["m3"] == {**none, "eligible": 1, "pending": 1, "ineligible": 2, "not_in_force": 1}
    # Whatever group is asked for: the tabs count all of them.
    asked = Query(measure="m2", group="facts", division="11")
    assert crowd.groups(asked) == {**none, "eligible": 1, "pending": 2}
    assert crowd.groups(Query()) == {**none, "eligible": 4, "pending": 3, "facts": 1, "ineligible": 2, "not_in_force": 1}
    assert crowd.judgements(Query()) == {"j1": 2, "j2": 1, "both": 3}
    assert crowd.judgements(Query(measure="m2")) == {"j1": 2, "both": 2}
    assert crowd.judgements(Query(division="13")) == {"j2": 1, "both": 1}
    assert crowd.divisions() == {"": 2, "11": 1, "110105": 1, "110112": 1, "131022": 1}
    assert crowd.industries() == {"": 3, "C": 1, "I65": 1, "I653": 1}


def test_what_a_row_says(crowd: Snapshot) -> None:
    places = crowd.select(Query(measure="m1", group="eligible", sort="name"))
    assert crowd.amounts_of("m1", places) == [("1", None), None, ("0", "500000"), ("5", "99999.999")]
    assert crowd.awaiting_of("m2", places) == [[], [], ["j1", "both"], ["j1", "both"]]
    assert crowd.awaiting_of("", places) == [["j2", "both"], [], ["j1", "both"], ["j1", "both"]]
    row = crowd.row(int(places[1]))
    assert (row.key, row.division, row.industry, row.size, row.assignee) == ("9111ＡB", "11", "", "large", 1)
    assert row.taken_in == row.determined == T0 + timedelta(days=3)
    last = crowd.row(len(crowd) - 1)
    assert last.name == "己公司" and last.determined is None
    assert crowd.place(last.id) == len(crowd) - 1 and crowd.place(last.id + 1) is None


def test_an_unknown_measure_is_no_question(crowd: Snapshot) -> None:
    with pytest.raises(KeyError):
        crowd.select(Query(measure="m4"))


def test_earlier_rules_are_read_by_the_name_of_the_measure(centre: Crowd) -> None:
    """A measure that the earlier rules had under the same id stands; of one that they lacked nothing is said."""
    centre.pack("old", ("m3", "gone", "m1"), T0)
    centre.take("甲", "EFP", pack="old", amounts={"gone": ("0", "5"), "m3": ("0", "8")}, awaiting={"m1": ["j"], "gone": ["k"]})
    centre.take("乙", "EFP")
    now = roster(centre).snapshot()
    assert [names(now, Query(measure="m1", group=group)) for group in GROUPS] == ["乙", "甲", "", "", ""]
    assert [names(now, Query(measure="m2", group=group)) for group in GROUPS] == ["", "", "乙", "", ""]
    assert [names(now, Query(measure="m3", group=group)) for group in GROUPS] == ["甲", "乙", "", "", ""]
    assert names(now, Query(at_least=0)) == "甲" and now.judgements(Query()) == {"j": 1}


def test_since_when_a_measure_stands_so(centre: Crowd) -> None:
    """Since it last moved; else since the applicant came, or the measure where that came later."""
    day = timedelta(days=1)
    centre.pack("newer", (*MEASURES, "m4"), T0 + 2 * day)
    number = centre.take("甲", "EPN")
    centre.take("甲", "EEN", at=T0 + day)
    centre.take("甲", "EEFP", pack="newer", at=T0 + 3 * day)
    with writing(centre.engine) as session:
        session.get_one(Enterprise, number).created_at = T0
        keeping.audit(session, None, "test")
        keeping.touch(session, [number])
    now = Roster(centre.engine, (*MEASURES, "m4")).snapshot()
    since = {measure: now.since_of(measure, now.select(Query())) for measure in ("", *now.measures)}
    assert since == {"": [T0 + 3 * day], "m1": [T0], "m2": [T0 + day], "m3": [T0 + 3 * day], "m4": [T0 + 2 * day]}


def test_the_erased_vanish_and_earlier_snapshots_stay(centre: Crowd) -> None:
    number, other = centre.take("甲", "EPN", amounts={"m1": ("0", "1")}, awaiting={"m2": ["j"]}), centre.take("乙", "EPN")
    kept = roster(centre)
    before = kept.snapshot()
    assert names(before, Query(sort="name")) == "甲乙"
    centre.erase(number)
    after = kept.snapshot()
    assert names(after, Query(sort="name")) == "乙" and after.place(number) is None and after.place(other) == 0
    assert after.counts()["m1"]["eligible"] == 1 and after.judgements(Query()) == {} and len(after.amounts.places) == 0
    assert names(before, Query(sort="name")) == "甲乙" and before.judgements(Query()) == {"j": 1}
    assert names(roster(centre).snapshot(), Query()) == "乙"
    centre.erase(other)
    assert len(kept.snapshot()) == len(roster(centre).snapshot()) == 0


def test_nothing_new_is_the_same_snapshot(centre: Crowd) -> None:
    kept = roster(centre)
    assert kept.snapshot() is kept.snapshot() and len(kept.snapshot()) == 0
    centre.take("甲", "EPN")
    assert kept.snapshot() is kept.snapshot() and len(kept.snapshot()) == 1


def test_a_change_without_a_trace_is_refused(centre: Crowd) -> None:
    """It would carry the number of an earlier one, and a roster that has read so far would never see it."""
    number = centre.take("甲", "EPN")
    with pytest.raises(AssertionError, match="sealed"), writing(centre.engine) as session:
        keeping.touch(session, [number])


def test_reading_sees_one_moment(centre: Crowd) -> None:
    """What is committed while a roster is read is not half in it."""
    number = centre.take("甲", "EPN", amounts={"m1": ("0", "1")})
    with reading(centre.engine) as session:
        assert session.execute(select(Enterprise.name)).scalars().all() == ["甲"]
        centre.take("甲", "NNN")
        assert session.execute(select(Entitlement.measure)).scalars().all() == ["m1"]
        assert session.get_one(Standing, number).verdicts == "EPN"


@pytest.mark.parametrize("seed", range(3))
def test_kept_up_to_date_is_the_same_as_read_anew(centre: Crowd, seed: int) -> None:
    random = Random(seed)
    centre.pack("old", ("m2", "m3"), T0 - timedelta(days=30))
    kept, known = roster(centre), list[int]()
    for step in range(12):
        for _ in range(random.randint(0, 4)):
            _something(centre, random, known, T0 + timedelta(hours=step))
        same(kept.snapshot(), roster(centre).snapshot())


def _something(centre: Crowd, random: Random, known: list[int], at: datetime) -> None:
    """One change that a centre may see."""
    if known and random.random() < 0.15:
        centre.erase(known.pop(random.randrange(len(known))))
        return
    with reading(centre.engine) as session:
        keys = list(session.execute(select(Enterprise.key).where(Enterprise.id.in_(known))).scalars())
    name = random.choice(keys) if keys and random.random() < 0.5 else f"{random.choice('甲乙丙丁')}{random.randrange(10**9)}"
    pack, measures = random.choice((("new", MEASURES), ("old", MEASURES[1:])))
    verdicts = "".join(random.choice("EPFNX") for _ in measures)
    standing = dict(zip(measures, verdicts, strict=True))
    number = centre.take(
        f"{name}改" if random.random() < 0.2 else name,
        verdicts if random.random() < 0.8 else "",
        pack=pack,
        at=at,
        key=name,
        division=random.choice((None, "11", "1310", "131022")),
        industry=random.choice((None, "C", "I65")),
        size=random.choice((None, "small")),
        assignee=random.choice((None, centre.user)),
        amounts={m: ("0", random.choice((None, "5.5", "70"))) for m, letter in standing.items() if letter in "EP"},
        awaiting={m: random.sample(["j", "k", "l"], 2) for m, letter in standing.items() if letter == "P"},
    )
    if number not in known:
        known.append(number)


def same(one: Snapshot, other: Snapshot) -> None:
    """Both answer everything alike, whatever their arrays look like."""
    assert one.number == other.number and one.counts() == other.counts()
    assert [one.row(place) for place in range(len(one))] == [other.row(place) for place in range(len(other))]
    assert one.columns.texts.tolist() == other.columns.texts.tolist()
    assert one.by_name.tolist() == other.by_name.tolist()
    everybody = np.arange(len(one))
    for measure in MEASURES:
        assert one.letters(measure).tolist() == other.letters(measure).tolist()
        assert one.amounts_of(measure, everybody) == other.amounts_of(measure, everybody)
        assert one.awaiting_of(measure, everybody) == other.awaiting_of(measure, everybody)
        assert one.since_of(measure, everybody) == other.since_of(measure, everybody)
        asked = Query(measure=measure, sort="amount")
        assert one.select(asked).tolist() == other.select(asked).tolist()


def test_nothing_is_missed_while_others_write(centre: Crowd) -> None:
    """Two who write at once, and a roster that is asked all the while."""
    kept = roster(centre)

    def write(letter: str) -> None:
        for number in range(15):
            centre.take(f"{letter}{number % 5}", "EPN" if number % 2 else "NNF", at=T0 + timedelta(minutes=number))

    writers = [Thread(target=write, args=(letter,)) for letter in "甲乙"]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        kept.snapshot()
    for writer in writers:
        writer.join()
    same(kept.snapshot(), roster(centre).snapshot())
