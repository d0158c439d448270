"""A workbench with something on every page: people of each role, applicants from the samples, findings, a list.

All of it is put in by the services that the pages use, so the chain holds and nothing is special about it. The same
data comes out each time; only times and, where they are not given, days are those of the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from engine.profile import profile_of
from web.centre import accounts, bringing, choices, intake, keeping, matters
from web.centre.choices import Choices
from web.centre.intake import Seen
from web.centre.judging import Bench, Case, case_of
from web.centre.lists import jobs
from web.centre.lists.shelf import Shelf
from web.centre.lists.work import Work
from web.centre.office import Office
from web.centre.rulings import Matter
from web.centre.store.database import reading, writing
from web.centre.store.tables import Enterprise, ListJob, Role, Standing, User

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
PROFILES = ("beijing-mixed", "mixed", "daxing-2021", "langfang-2016", "listed-company")
LIST = SAMPLES / "lists" / "synthetic.xlsx"
PASSWORD = "huiqi-workbench"
PEOPLE: tuple[tuple[str, str, Role], ...] = (
    ("clerk", "李受理", "clerk"),
    ("reviewer", "周审核", "reviewer"),
    ("reviewer2", "吴复核", "reviewer"),
    ("head", "郑主任", "head"),
    ("admin", "钱管理", "administrator"),
    ("auditor", "孙审计", "auditor"),
)
CENTRE = Choices("示例区企业服务中心（虚构）", "综合窗口 010-0000 0000，工作日 9:00—17:00", "示例区示例路 1 号")
COUNTED, WAITING, ASSIGNED = 8, 4, 12
"""How many findings count, how many wait for a second person, and how many cases somebody has."""
REASON = "已查看申报材料和原件，与所附合同、证书一致（示例）。"
DOUBT = "申报材料未能说明该项条件，现场核实也不具备（示例）。"


def fill(office: Office, password: str = PASSWORD) -> dict[str, int]:
    """Put it all into the empty database of ``office``, on the day of its clock; the number of enterprises and people."""
    with writing(office.engine) as session:
        for name, full_name, role in PEOPLE:
            user = accounts.add_user(session, name, full_name, role, password)
            keeping.audit(session, None, "user-added", user=user.id, role=role)
        choices.write(session, CENTRE)
        _take_in(session, office)
    _screen_list(office)
    with writing(office.engine) as session:
        _assign(session)
        _judge(session, office)
    with reading(office.engine) as session:
        return {
            "enterprises": len(session.execute(select(Enterprise.id)).all()),
            "people": len(session.execute(select(User.id)).all()),
        }


def _take_in(session: Session, office: Office) -> None:
    """The samples: told in part a year ago, and whole today, so that something moved by date and by profile."""
    clerk, here = accounts.named(session, "clerk"), office.service
    program, today = here.program, here.today()
    before = today - timedelta(days=365)
    for name in PROFILES:
        brought = bringing.from_file(session, f"{name}.yaml", (SAMPLES / f"{name}.yaml").read_bytes(), here)
        data = intake.plain(brought.data)
        part = {key: value for key, value in data.items() if key not in ("annuals", "talents")}
        version, _ = intake.take_in(
            session, intake.applicant_of(part, program, before), Seen(), "form", clerk, program, before
        )
        keeping.determine(session, version, program, today, clerk)
        seen = Seen(version.enterprise_id, version.number, firm=True)
        intake.take_in(session, intake.applicant_of(data, program, today), seen, "file", clerk, program, today)


def _screen_list(office: Office) -> None:
    """The invented list, through the work of a worker."""
    with LIST.open("rb") as stream:
        laid = Shelf(office.settings.lists).lay([FileStorage(stream, LIST.name)])
    with writing(office.engine) as session:
        clerk = accounts.named(session, "clerk")
        job = jobs.hand_in(session, clerk, LIST.name, laid.digest, laid.names, office.service.today(), office.settings.now())
        jobs.start(session, clerk, job)
        number = job.id
    Work(office, number, lambda: False).run()
    with reading(office.engine) as session:
        done = session.get_one(ListJob, number)
        assert done.state == "done", done.message


def _assign(session: Session) -> None:
    """Some cases are somebody's."""
    by = accounts.named(session, "head")
    takers = [accounts.named(session, name) for name in ("clerk", "reviewer", "reviewer2")]
    cases = session.execute(select(Enterprise).order_by(Enterprise.id).limit(ASSIGNED)).scalars()
    for number, enterprise in enumerate(cases):
        keeping.assign(session, enterprise, takers[number % len(takers)], by)


def _judge(session: Session, office: Office) -> None:
    """Findings that count, then the choice of four eyes, then some that wait for a second person."""
    reviewer, administrator = accounts.named(session, "reviewer"), accounts.named(session, "admin")
    open_cases = _open_cases(session, office)
    for four_eyes, wanted in ((False, COUNTED), (True, WAITING)):
        if four_eyes:
            changed = choices.write(session, Choices(CENTRE.name, CENTRE.contact, CENTRE.address, True, 10))
            keeping.audit(session, administrator, "choices-changed", choices=changed, four_eyes=True, retention_years=10)
        bench = Bench(session, office.service.program, office.service.today(), reviewer, office.settings.now(), four_eyes)
        for number, case in enumerate(islice(open_cases, wanted)):
            true = number % 4 != 3
            bench.find(case, case.seen, true, REASON if true else DOUBT)


def _open_cases(session: Session, office: Office) -> Iterator[Case]:
    """What can be judged, one matter of an enterprise each."""
    pack, today = office.service.pack, office.service.today()
    for standing in session.execute(select(Standing).order_by(Standing.enterprise_id)).scalars().all():
        profile = keeping.newest_profile(session, standing.enterprise_id)
        wanted = dict.fromkeys(judgement for ids in standing.awaiting.values() for judgement in ids)
        for judgement in wanted:
            question = matters.question_of(judgement, pack)
            if question is None or profile is None or profile.data is None:
                continue
            told = profile_of(keeping.with_findings(profile.data, []), pack.vocabulary, pack.tables)
            about = next((target.about for target in matters.targets(question, pack, told, today)), None)
            case = case_of(session, standing.enterprise_id, Matter(judgement, about))
            if case is not None:
                yield case
                break
