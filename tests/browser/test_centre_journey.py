"""The workbench as it is served, from intake to letter, by each role in a browser of their own; and lists that survive.

One server with its processes (``huiqi serve --centre``) on a SQLite file, as a centre begins with.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from docx import Document
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import Engine, func, select

from tests.centre.office import PASSWORD, people
from tests.helpers import ROOT
from web.centre import choices
from web.centre.choices import Choices
from web.centre.store import chain, database, schema
from web.centre.store.database import reading, writing
from web.centre.store.tables import DeterminationRow, Enterprise, FindingRow, ListJob, ProfileVersion

pytestmark = pytest.mark.slow
WAIT = 60
ROWS = 9000
LONG = 90_000  # milliseconds; the machine may be busy with other tests
REASON = "看过项目合同和验收材料，与申报一致。"


class Server:
    """``huiqi serve --centre`` on one port, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, and wait until it answers."""
        command = [sys.executable, "-m", "cli.main", "serve", "--centre", "--port", str(self.port), "--page-rate", "9999 per minute"]
        command += ["--database", str(self.folder / "centre.db"), "--files", str(self.folder / "files")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self.folder / "log").open("ab") as log:
            # A group of its own, so that all of its processes can be killed at once, as by a power cut.
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            try:
                with urlopen(f"{self.address}/centre/login", timeout=WAIT):
                    return
            except OSError:
                assert self.process.poll() is None, (self.folder / "log").read_text("utf-8")
                time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text("utf-8"))

    def kill(self) -> None:
        """Every process of it, at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("journey")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    """The workbench's database, with a user of each role; findings need a second person."""
    made = database.connect(database.address_of(str(folder / "centre.db")))
    schema.migrate(made)
    people(made)
    with writing(made) as session:
        choices.write(session, Choices(name="示例区企业服务中心", contact="010-0000 0000", four_eyes=True))
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def server(engine: Engine, folder: Path) -> Iterator[Server]:
    made = Server(folder)
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def site(server: Server) -> str:
    return server.address


Visit = Callable[..., Page]


def log_in(page: Page, name: str) -> Page:
    page.goto("/centre/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/centre/")
    return page


def test_from_intake_to_letter_by_each_role(
    visit: Visit, engine: Engine, accessible: Callable[[Page], None], folder: Path
) -> None:
    clerk, reviewer, second, auditor = (log_in(visit(), name) for name in ("clerk", "reviewer", "reviewer2", "auditor"))

    # The clerk takes in what an applicant brought.
    clerk.get_by_role("link", name="受理", exact=True).click()
    accessible(clerk)
    clerk.locator("#file").set_input_files(ROOT / "samples" / "beijing-mixed.yaml")
    clerk.get_by_role("button", name="读入并核对").click()
    clerk.get_by_role("button", name="受理", exact=True).click()
    clerk.wait_for_url("**/centre/enterprise/1**")
    accessible(clerk)
    name = clerk.locator("h1").inner_text()
    assert clerk.locator("#pending .open").count() > 0

    # The reviewer judges from there; alone, it does not count.
    reviewer.goto("/centre/enterprise/1")
    reviewer.locator("#pending .open").first.click()
    title = reviewer.locator("#pending .open").first.inner_text()
    reviewer.locator("#pending").locator("a[href*=\"/judge?\"]").first.click()
    reviewer.wait_for_url("**/judge?**")
    accessible(reviewer)
    judged = reviewer.url
    reviewer.get_by_label("成立", exact=True).check()
    reviewer.locator("textarea[name=reason]").first.fill(REASON)
    reviewer.get_by_role("button", name="提出意见", exact=True).click()
    expect(reviewer.get_by_role("status").first).to_be_visible()
    clerk.reload()
    assert title in clerk.locator("#pending").inner_text()

    # A second person confirms; now it is eligible.
    second.goto(judged)
    accessible(second)
    second.get_by_role("button", name="同意", exact=True).click()
    expect(second.get_by_role("status").first).to_be_visible()
    clerk.reload()
    assert title in clerk.locator("#eligible").inner_text()

    # The clerk hands out the opinion, in both forms.
    clerk.get_by_role("link", name="文书").click()
    accessible(clerk)
    clerk.locator("details", has_text="可享受").get_by_role("link", name=title).click()
    accessible(clerk)
    said = []
    for ending in ("PDF", "Word"):
        with clerk.expect_download(timeout=LONG) as download:
            clerk.get_by_role("button", name=ending).click()
        path = folder / f"letter.{ending}"
        download.value.save_as(path)
        said.append(words(path.read_bytes(), ending))
    for text in said:
        assert all(part in text for part in (name, title, REASON, "审核员", "示例区企业服务中心")), text

    # The auditor sees all of it, proves the chain and can change nothing.
    auditor.goto("/centre/enterprise/1/history")
    assert REASON in auditor.locator("main").inner_text()
    assert auditor.get_by_role("link", name="受理", exact=True).count() == 0
    auditor.goto(judged)
    assert auditor.locator("textarea").count() == 0
    auditor.get_by_role("link", name="审计", exact=True).click()
    accessible(auditor)
    auditor.get_by_role("button", name="核验").first.click()
    auditor.wait_for_url("**/audit/**")
    assert "成立" in auditor.locator("main").inner_text()
    with reading(engine) as session:
        assert list(chain.verify(session)) == []
        assert session.execute(select(func.count()).select_from(FindingRow)).scalar_one() == 2


def words(content: bytes, ending: str) -> str:
    """What a letter says, without the breaks between its lines."""
    if ending == "PDF":
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", "").replace(" ", "")
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    parts = [part.text for section in document.sections for part in (*section.header.paragraphs, *section.footer.paragraphs)]
    return "".join([*(item.text for item in document.paragraphs), *cells, *parts]).replace("\n", "").replace(" ", "")


def test_two_reviewers_do_not_overwrite_each_other(visit: Visit, server: Server, engine: Engine) -> None:
    """Who comes second sees what the first one wrote, keeps what they typed, and goes on knowingly."""
    first, other = (log_in(visit(), name) for name in ("reviewer", "reviewer2"))
    first.goto("/centre/enterprise/1")
    first.locator("#pending .open").nth(1).click()
    address = first.locator("#pending").locator("a[href*=\"/judge?\"]").first.get_attribute("href")
    assert address
    for page, answer in ((first, "成立"), (other, "不成立")):
        page.goto(address)
        page.get_by_label(answer, exact=True).check()
    first.locator("textarea[name=reason]").first.fill(REASON)
    other.locator("textarea[name=reason]").first.fill("合同没有盖章，不能确认。")
    before = count(engine, FindingRow)
    first.get_by_role("button", name="提出意见", exact=True).click()
    expect(first.get_by_role("status").first).to_be_visible()
    other.get_by_role("button", name="提出意见", exact=True).click()
    expect(other.get_by_role("heading", name="您打开页面以后这里有了变化，您的意见还没有保存")).to_be_visible()
    assert REASON in other.locator("main").inner_text()
    assert count(engine, FindingRow) == before + 1
    expect(other.locator("textarea", has_text="合同没有盖章，不能确认。")).to_be_visible()


def count(engine: Engine, table: type) -> int:
    with reading(engine) as session:
        found: int = session.execute(select(func.count()).select_from(table)).scalar_one()
        return found


def test_a_list_goes_on_after_a_power_cut(visit: Visit, server: Server, engine: Engine, folder: Path) -> None:
    """Everything is killed in the middle of a list and started again: each row is kept once, the counts add up."""
    path = folder / "名单.csv"
    lines = (f"Q{number:05},虚构企业{number},北京市大兴区,{number % 400 + 1}" for number in range(ROWS))
    path.write_text("编号,企业名称,注册地,从业人数\n" + "\n".join(lines) + "\n", "utf-8")
    others = count(engine, Enterprise)
    page = log_in(visit(), "clerk")
    page.get_by_role("link", name="名单", exact=True).click()
    page.locator("#files").set_input_files(path)
    page.get_by_role("button", name="上传并查看每一列").click()
    page.wait_for_url("**/centre/lists/1**")
    page.get_by_role("button", name="开始筛查").click()
    expect(page.locator("[data-progress]")).to_be_visible(timeout=LONG)
    until = time.monotonic() + WAIT
    while count(engine, Enterprise) == others and time.monotonic() < until:
        time.sleep(0.02)
    server.kill()
    stored = count(engine, Enterprise) - others
    assert 0 < stored < ROWS
    server.start()
    # The page was left open: it finds its way back by itself.
    expect(page.get_by_role("heading", name="结果", exact=True)).to_be_visible(timeout=LONG)
    assert f"共 {ROWS:,} 行 = 存下 {ROWS:,} 家企业 + 未采用 0 行" in page.locator("main").inner_text()
    for table in (Enterprise, ProfileVersion, DeterminationRow):
        with reading(engine) as session:
            wanted = select(func.count()).select_from(table)
            mine = wanted.where(Enterprise.key.like("Q%")) if table is Enterprise else wanted.where(
                table.enterprise_id.in_(select(Enterprise.id).where(Enterprise.key.like("Q%")))  # type: ignore[attr-defined]
            )
            assert session.execute(mine).scalar_one() == ROWS, table
    with reading(engine) as session:
        assert session.execute(select(ListJob.state)).scalar_one() == "done"
        assert list(chain.verify(session)) == []
