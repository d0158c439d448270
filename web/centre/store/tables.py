"""The tables (SQLAlchemy 2), the same on SQLite and PostgreSQL.

What stands in the chain (``ChainEntry``) is never changed: profile versions, determinations, findings, audit entries.
Where personal data has to go, the content is emptied and ``erased_on`` set; the digest stays, so the chain still holds.
Times are UTC without a zone. Money is a decimal string in yuan.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

Role = Literal["clerk", "reviewer", "head", "administrator", "auditor"]
Source = Literal["form", "file", "list", "correction"]
Stage = Literal["proposed", "confirmed", "rejected"]
Cause = Literal["profile", "finding", "rules", "date"]
DIGEST = String(64)
"""SHA-256 as hexadecimal."""
# SQLite numbers rows by itself only where the key is a plain INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    """Base of the tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}


class User(Table):
    """Somebody who works at the centre. ``version`` rises with each change of password or role and ends sessions."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(String(64))
    role: Mapped[Role] = mapped_column(String(16))
    password: Mapped[str | None] = mapped_column(String(256))
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class PackArchive(Table):
    """The rule files of one pack version, so that a determination can be made again years later."""

    __tablename__ = "packs"
    version: Mapped[str] = mapped_column(String(80), primary_key=True)
    archive: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    measures: Mapped[list[Any] | None]
    """The ids of its measures, in the order of the letters of a determination."""
    kept_at: Mapped[datetime]


class Enterprise(Table):
    """An applicant. ``key`` is its credit code, or the number the centre gave it; the rest repeats what queues filter
    by, taken from the newest profile."""

    __tablename__ = "enterprises"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    division: Mapped[str | None] = mapped_column(String(12), index=True)
    industry: Mapped[str | None] = mapped_column(String(8))
    size: Mapped[str | None] = mapped_column(String(16))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    changed: Mapped[int] = mapped_column(Number, default=0, server_default="0", index=True)
    """The newest link of the chain when anything that queues show of it was last written; rises with every change."""
    erased_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    profiles: Mapped[list[ProfileVersion]] = relationship(order_by="ProfileVersion.number", viewonly=True)
    standing: Mapped[Standing | None] = relationship(viewonly=True)


class ProfileVersion(Table):
    """What was known of an enterprise from a moment on; never changed, only followed by the next."""

    __tablename__ = "profiles"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    number: Mapped[int]
    data: Mapped[dict[str, Any] | None]
    digest: Mapped[str] = mapped_column(DIGEST)
    source: Mapped[Source] = mapped_column(String(16))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("lists.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    erased_on: Mapped[date | None]
    __table_args__ = (UniqueConstraint("enterprise_id", "number"),)


class DeterminationRow(Table):
    """A determination: which profile, date and pack version, and the verdict of each measure.

    ``verdicts`` has a letter a measure, in the pack's order, ``amounts`` is ``{measure: [low, high]}`` of what is
    eligible or waits for judgement alone (``web.centre.outcomes``), ``findings`` the numbers of the findings that
    counted. The reasons are made again from the profile, the findings and the archived pack.
    """

    __tablename__ = "determinations"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id"))
    pack_version: Mapped[str] = mapped_column(ForeignKey("packs.version"))
    as_of: Mapped[date]
    verdicts: Mapped[str] = mapped_column(Text)
    amounts: Mapped[dict[str, Any]]
    findings: Mapped[list[Any]]
    digest: Mapped[str] = mapped_column(DIGEST)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class Standing(Table):
    """Where an enterprise stands now: its newest determination, as the queues read it."""

    __tablename__ = "standings"
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True)
    determination_id: Mapped[int] = mapped_column(ForeignKey("determinations.id"))
    pack_version: Mapped[str] = mapped_column(String(80))
    as_of: Mapped[date]
    verdicts: Mapped[str] = mapped_column(Text)
    awaiting: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """``{measure: [judgement]}`` of what waits for judgement alone (letter P)."""
    changed_at: Mapped[datetime] = mapped_column(index=True)


class Entitlement(Table):
    """What an enterprise is eligible for, or may be once judged, with its amount: for sorting and for sums."""

    __tablename__ = "entitlements"
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(String(64), primary_key=True)
    low: Mapped[str | None] = mapped_column(String(32))
    high: Mapped[str | None] = mapped_column(String(32))
    sort: Mapped[int] = mapped_column(Number)
    """The upper end in whole yuan, for sorting; -1 without a stated amount, 2^62 without a bound."""
    __table_args__ = (Index("ix_entitlements_measure", "measure", "sort"),)


class Move(Table):
    """A measure that came to stand otherwise for an enterprise: from one letter to another, and what brought it about.

    ``cause``: ``profile``, ``finding``, ``rules`` or ``date``, the first of these that differs from before.
    """

    __tablename__ = "moves"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    measure: Mapped[str] = mapped_column(String(64))
    before: Mapped[str] = mapped_column(String(1))
    after: Mapped[str] = mapped_column(String(1))
    cause: Mapped[Cause] = mapped_column(String(16))
    determination_id: Mapped[int] = mapped_column(ForeignKey("determinations.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (
        Index("ix_moves_measure", "measure", "after", "at"),
        Index("ix_moves_cause", "cause", "before", "at"),
    )


class Evidence(Table):
    """A file that a finding rests on. The content lies in the evidence folder under its digest."""

    __tablename__ = "evidence"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(DIGEST)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    erased_on: Mapped[date | None]


class FindingRow(Table):
    """A reviewer's finding, or a second person's word on one (``answers``); never changed.

    ``about`` names a record where the judgement is about one. ``on_profile`` is the version the reviewer had before
    them.
    """

    __tablename__ = "findings"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    judgement: Mapped[str] = mapped_column(String(120))
    about: Mapped[str | None] = mapped_column(String(200))
    finding: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    stage: Mapped[Stage] = mapped_column(String(16))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("findings.id"))
    on_profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id"))
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    digest: Mapped[str] = mapped_column(DIGEST)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    erased_on: Mapped[date | None]


class ListJob(Table):
    """A list that was handed in, and how far the work on it is: the truth of it, whatever a queue of jobs says.

    ``files`` names its files. ``done`` of ``total`` rows are behind it, ``rejected`` of them not used; ``slices`` says
    how many slices are stored whole, of the list as ``fingerprint`` names it. ``counts`` sums up what became of the rows.
    Who works on it is ``worker``, alive at ``heartbeat``. ``removed_on``: its files are deleted.
    """

    __tablename__ = "lists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(DIGEST)
    mapping: Mapped[str | None] = mapped_column(Text)
    as_of: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    rejected: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    files: Mapped[list[Any]] = mapped_column(server_default="[]")
    slices: Mapped[int] = mapped_column(default=0, server_default="0")
    fingerprint: Mapped[str | None] = mapped_column(DIGEST)
    counts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    worker: Mapped[str | None] = mapped_column(String(36))
    heartbeat: Mapped[datetime | None]
    removed_on: Mapped[date | None]
    __table_args__ = (
        CheckConstraint("state in ('mapping','waiting','running','cancelling','cancelled','failed','done')", "state"),
    )


class Listed(Table):
    """That an enterprise is one of those that a list brought, whether anything of it was new or not."""

    __tablename__ = "listed"
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True, index=True)


class Note(Table):
    """A remark on an applicant, for colleagues."""

    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class AuditEntry(Table):
    """What was done, by whom. ``detail`` names things by number, never a person's data."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(40))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    detail: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(DIGEST)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(index=True)


class ChainEntry(Table):
    """One link: ``hash`` is of the number, the one before, what it is about and that one's digest."""

    __tablename__ = "chain"
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    row: Mapped[int] = mapped_column(Number)
    digest: Mapped[str] = mapped_column(DIGEST)
    hash: Mapped[str] = mapped_column(DIGEST)
    __table_args__ = (UniqueConstraint("kind", "row"),)


class Setting(Table):
    """A choice of this centre, such as whether a finding needs a second person."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class EndedLogin(Table):
    """A login that somebody left: its cookie is good no longer, though its time has not run out."""

    __tablename__ = "ended_logins"
    login: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]


class Watch(Table):
    """How far ahead a standing was looked at: by the rules of its determination the profile comes to the same on every
    day from ``since`` to ``until``, and ``outlooks`` tell what will be lost up to ``looked_to``."""

    __tablename__ = "watches"
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True)
    determination_id: Mapped[int] = mapped_column(ForeignKey("determinations.id"))
    since: Mapped[date]
    until: Mapped[date]
    looked_to: Mapped[date]


class Outlook(Table):
    """A measure that an enterprise stands well in (letter ``before``) and will not after ``last_day``, though its document
    is in force: what it becomes, and what decides it then, in Chinese without any value of the profile."""

    __tablename__ = "outlooks"
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(String(64), primary_key=True)
    before: Mapped[str] = mapped_column(String(1))
    after: Mapped[str] = mapped_column(String(1))
    last_day: Mapped[date] = mapped_column(index=True)
    why: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
