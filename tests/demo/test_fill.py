"""The demo as it lies in the database: filled once, in a module's clone, and only looked at."""

import asyncio
import os
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from backend.accounts import second_factor, store
from backend.accounts.passphrases import hasher_for
from backend.accounts.sign_in import SignIn, sign_in
from backend.campaigns.reading import list_statements
from backend.campaigns.sharing.exporting import list_exports
from backend.campaigns.sharing.rules import ShareStatus
from backend.campaigns.store.feed import FeedFilter, Shown
from backend.cli.group import main
from backend.composition import make_services
from backend.core import audit
from backend.core.database import Database
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Role, Viewer
from backend.demo import DemoRefused, DemoSignIn, fill
from backend.demo.reading import read_material
from backend.demo.sharing import POSTED
from backend.dev.embedded import create_database, drop_database
from backend.places import joining
from backend.places.joining import Newcomer
from backend.places.viewing import load_viewer
from backend.rounds import running
from backend.rounds.awarding import list_awards
from backend.rounds.listing import list_standings
from backend.rounds.rules import AwardConsent, RoundState
from backend.rounds.standings import LiveStandings
from backend.settings import Environment, Settings
from backend.topics.proposing import KIND as TOPIC
from backend.topics.reading import list_topics
from backend.topics.rules import ProposalState
from media.rules import AssetStatus
from media.service import assets_for
from moderation.appeal_briefs import list_appeals
from moderation.queue_store import QueueFilter
from moderation.queueing import list_for_teacher, list_queue
from tests.databases import TEMPLATE

BOUND_SECONDS = 25
ROLES = {
    "Secretariat": Role.SECRETARIAT,
    "City official": Role.CITY_OFFICIAL,
    "School administration": Role.SCHOOL_ADMIN,
    "Teacher of 9B": Role.TEACHER,
    "Moderator": Role.MODERATOR,
    "Safeguarding lead": Role.SAFEGUARDING_LEAD,
    "Editor": Role.EDITOR,
    "Juror": Role.CAMPAIGN_JUROR,
}
HIDDEN = "where-are-you-really-from"
BECOMES = {
    "PUBLISHED": ("PUBLISHED", "APPROVED"),
    "WAITING": ("UNPUBLISHED", "IN_REVIEW"),
    "CHANGES_REQUESTED": ("UNPUBLISHED", "CHANGES_REQUESTED"),
    "REJECTED": ("UNPUBLISHED", "REJECTED"),
    "APPEALED": ("UNPUBLISHED", "REJECTED"),
    "WITHDRAWN": ("WITHDRAWN", "APPROVED"),
}


@dataclass(frozen=True)
class Demo:
    """A filled database."""

    db: Database
    settings: Settings
    sign_ins: list[DemoSignIn]
    reports: list[str]
    cpu_seconds: float

    async def count(self, what: str) -> Any:
        """The rows of a query's tail, e.g. `seat where status = 'PENDING'`."""
        async with self.db.reading() as conn:
            return await conn.fetch_value(f"select count(*) from {what}")

    async def column(self, sql: str) -> list[Any]:
        """The first column of a query."""
        async with self.db.reading() as conn:
            return [row[0] for row in await conn.fetch(sql)]

    async def feed(self, viewer: Viewer = ANONYMOUS) -> list[Shown]:
        """The first page of the feed."""
        return list((await list_statements(self.db, viewer, FeedFilter(), PageRequest(size=100))).rows)

    def sign_in_of(self, who: str) -> DemoSignIn:
        """A printed sign-in."""
        return next(one for one in self.sign_ins if one.who == who)

    async def enter(self, who: str) -> Viewer:
        """Signed in as a stranger would be: handle and passphrase, and for staff the code that `stemme totp` prints."""
        printed, accounts = self.sign_in_of(who), make_services(self.settings).accounts
        code = None
        if printed.hint is not None:
            async with self.db.reading() as conn:
                known = await store.find_credentials(conn, printed.handle or "")
                assert known is not None
                code = await second_factor.next_code(conn, accounts, known[0])
        typed = SignIn(printed.handle or "", printed.passphrase or "", second_factor=code)
        caller = Viewer(address="192.0.2.9")
        started = await sign_in(self.db, accounts, hasher_for(accounts.hash_cost), caller, typed)
        return await load_viewer(
            self.db, started.token, address="192.0.2.9", request_id="t", accept_language=None,
            reset_seal=accounts.reset_seal,
        )  # fmt: skip


@pytest.fixture(scope="module")
def demo(database_server: str, runner: asyncio.Runner) -> Iterator[Demo]:
    """Filled once; every test only looks, or adds what no other looks at."""
    name = f"test_demo_{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="stemme-demo-") as folder:
        url = create_database(database_server, name, template=TEMPLATE)
        settings = Settings.load(
            {
                "DATABASE_URL": url,
                "STEMME_DEV_FOLDER": folder,
                "STEMME_ARGON2_MEMORY_KIB": "8",
                "STEMME_ARGON2_TIME_COST": "1",
            }
        )
        reports: list[str] = []
        before = time.process_time()
        sign_ins = runner.run(fill(settings, report=reports.append))
        spent = time.process_time() - before
        db = runner.run(Database.open(url, size=4))
        yield Demo(db, settings, sign_ins, reports, spent)
        runner.run(db.close())
        drop_database(database_server, name)


def test_fill_takes_a_bounded_time_and_says_how_far_it_is(demo: Demo) -> None:
    # Processor time: how much else the machine does meanwhile is not the demo's fault.
    assert demo.cpu_seconds < BOUND_SECONDS
    assert len(demo.reports) >= 4


async def test_demo_has_three_cities_six_classes_and_over_a_hundred_students(demo: Demo) -> None:
    assert sorted(await demo.column("select name from city")) == ["Kristiansand", "Malmö", "Tampere"]
    assert await demo.count("school_class") == 6
    assert await demo.count("seat where status = 'CONFIRMED'") > 100
    assert await demo.count("seat where status = 'PENDING'") >= 6
    assert await demo.count("campaign where status = 'OPEN' and closes_at > now()") == 3


async def test_demo_feed_for_anybody_is_in_many_languages_and_scripts(demo: Demo) -> None:
    shown = await demo.feed()
    scripts = {unicodedata.name(char).split()[0] for one in shown for char in one.text if char.isalpha()}
    assert len({one.language for one in shown}) >= 6
    assert {"LATIN", "ARABIC", "CYRILLIC", "ETHIOPIC"} <= scripts
    assert any(one.in_reply_to is not None for one in shown)
    assert {one.audience for one in shown} == {"CITY", "SOCIAL"}


async def test_demo_pictures_are_served_with_what_they_show(demo: Demo) -> None:
    ids = await demo.column("select distinct asset_id from revision_asset")
    async with demo.db.reading() as conn:
        assets = (await assets_for(conn, ids)).values()
    assert len(assets) >= 12
    assert Counter(asset.status for asset in assets)[AssetStatus.RELEASED] >= 10
    assert all(asset.alt_text and asset.renditions for asset in assets)


async def test_demo_statements_came_to_the_outcome_of_the_material(demo: Demo) -> None:
    async with demo.db.reading() as conn:
        rows = await conn.fetch(
            "select r.text, s.visibility, r.review from statement s join revision r on r.id = s.latest_revision_id"
        )
    became = {row["text"]: (row["visibility"], row["review"]) for row in rows}
    assert len(rows) == len(read_material().statements)
    for one in read_material().statements:
        expected = ("HIDDEN", "APPROVED") if one.key == HIDDEN else BECOMES[one.outcome]
        assert became[one.text] == expected, one.key


async def test_demo_shows_every_state(demo: Demo) -> None:
    seen = set(await demo.column("select distinct visibility from statement"))
    assert seen >= {"PUBLISHED", "UNPUBLISHED", "WITHDRAWN", "HIDDEN"}
    reviews = set(await demo.column("select distinct review from revision"))
    assert reviews >= {"APPROVED", "IN_REVIEW", "CHANGES_REQUESTED", "REJECTED"}
    states = set(await demo.column("select distinct state from moderation_case"))
    assert states >= {"NEW", "SECOND_KEY", "REOPENED", "CLOSED"}
    assert await demo.count("appeal where state = 'FILED'") >= 2
    assert await demo.count("support") > 300
    assert await demo.count("statement where in_reply_to is not null") >= 8


async def test_demo_public_statements_have_two_keys_of_different_people(demo: Demo) -> None:
    people = await demo.column(
        "select count(distinct d.decided_by) from statement s"
        " join moderation_decision d on d.revision_id = s.published_revision_id and d.verdict = 'APPROVE'"
        " where s.audience in ('CITY', 'SOCIAL') and s.published_at is not null group by s.id"
    )
    assert len(people) > 30
    assert set(people) == {2}


async def test_demo_consents_are_own_guardians_and_missing(demo: Demo) -> None:
    givers = Counter(await demo.column("select granted_by from consent"))
    assert givers["SELF"] > 200
    assert givers["GUARDIAN"] > 5
    assert await demo.count("guardian_key where answered_at is null") >= 3
    silent = await demo.count("seat where status = 'CONFIRMED' and account_id not in (select account_id from consent)")
    assert silent >= 3


async def test_demo_happened_over_the_last_weeks_and_nothing_in_the_future(demo: Demo) -> None:
    now = datetime.now(UTC)
    published = await demo.column("select published_at from statement where published_at is not null order by 1")
    assert published[0] < now - timedelta(days=30)
    assert now - timedelta(days=7) < published[-1] < now
    assert len({moment.date() for moment in published}) > 20
    for table, column in (("audit_entry", "at"), ("notice", "at"), ("seat", "joined_at"), ("support", "at")):
        assert await demo.count(f"{table} where {column} > now()") == 0, table


async def test_demo_audit_is_sealed_whole(demo: Demo) -> None:
    unsealed = "audit_entry e where not exists (select from audit_link l where l.entry_id = e.id)"
    async with asyncio.timeout(20):
        while await demo.count(unsealed):  # transactions of other tests on the same server may have held it up
            await audit.seal(demo.db)
    assert await audit.verify(demo.db) is None
    async with demo.db.reading() as conn:
        links, _ = await audit.head(conn)
    assert links > 1000


async def test_demo_has_an_announced_an_open_and_a_scheduled_round(demo: Demo) -> None:
    campaign_id = (await demo.column("select campaign_id from weekly_plan"))[0]
    page, now = await running.list_rounds(demo.db, ANONYMOUS, campaign_id, PageRequest(size=100))
    states = [row.state(now) for row in page.rows]
    assert states[-2:] == [RoundState.OPEN, RoundState.ANNOUNCED]
    assert len(states) > 4
    assert set(states[:-2]) == {RoundState.SCHEDULED}
    over = page.rows[-1]
    standings = await list_standings(demo.db, ANONYMOUS, LiveStandings(), over.id, PageRequest(size=100))
    ranked = [row.result.rank for row in standings.rows if row.result is not None and row.result.rank is not None]
    assert len(standings.rows) == 6
    assert len(ranked) >= 4
    awards = await list_awards(demo.db, ANONYMOUS, over.id)
    assert sorted(one.award.consent for one in awards) == [AwardConsent.GIVEN, AwardConsent.NOT_NEEDED]
    assert await demo.count("notice where kind = 'round_announced'") == 6
    # How many there are is the lot's; those that anybody can read have the scores that it takes to count.
    drawn = "entry e join statement s on s.id = e.statement_id where e.is_drawn and s.visibility = 'PUBLISHED'"
    scored = "(select count(*) from jury_duty d where d.entry_id = e.id and d.state = 'SCORED')"
    assert await demo.count(drawn) == await demo.count(f"{drawn} and {scored} >= 3") > 0


async def test_demo_proposed_topics_are_shown_chosen_declined_and_waiting(demo: Demo) -> None:
    campaign_id = (await demo.column("select campaign_id from weekly_plan"))[0]
    proposer, other = await demo.enter("Student, 17 years"), await demo.enter("Younger student of 9B")
    page = await list_topics(demo.db, other, campaign_id, PageRequest(size=100))
    assert [(one.row.state, one.row.name) for one in page.rows] == [
        (one.outcome, one.words) for one in read_material().proposals[::-1] if one.outcome != "WAITING"
    ]
    [chosen] = (
        await list_topics(demo.db, proposer, campaign_id, PageRequest(size=1), states=[ProposalState.CHOSEN])
    ).rows
    assert (chosen.row.is_own, chosen.support_count) == (True, 21)
    assert await demo.column(f"select name ->> 'en' from topic where id = '{chosen.row.topic_id}'") == ["Our languages"]
    supports = await demo.column("select count(*) from topic_support group by proposal_id order by 1")
    assert supports == sorted(one.supports for one in read_material().proposals if one.supports)
    told = f"select kind from notice where account_id = '{proposer.account_id}' and kind like 'topic%' order by at"
    assert (await demo.column(told))[-1] == "topic_chosen"


async def test_demo_editor_finds_cards_and_bundles_and_the_author_a_card(demo: Demo) -> None:
    social = [one.key for one in read_material().statements if (one.audience, one.outcome) == ("SOCIAL", "PUBLISHED")]
    editor, author = await demo.enter("Editor"), await demo.enter("Student, 17 years")
    campaign_id = (await demo.column("select campaign_id from weekly_plan"))[0]
    page = await list_exports(demo.db, editor, campaign_id, PageRequest(size=100))
    assert [(one.status, len(one.files)) for one in page.rows] == [(ShareStatus.READY, 1)] * len(social)
    assert sorted(link for one in page.rows for link in one.links) == sorted(chain.from_iterable(POSTED.values()))
    assert await demo.column("select status from share_card") == [ShareStatus.READY]
    assert list((await list_exports(demo.db, author, campaign_id, PageRequest(size=100))).rows) == []


async def test_demo_leaves_no_job_behind(demo: Demo) -> None:
    assert await demo.count("pgqueuer") == 0


@pytest.mark.parametrize("who", ROLES)
async def test_demo_staff_sign_in_with_their_role(demo: Demo, who: str) -> None:
    viewer = await demo.enter(who)
    assert ROLES[who] in {grant.role for grant in viewer.grants}


@pytest.mark.parametrize("who", ["Student, 17 years", "Younger student of 9B", "Student editor"])
async def test_demo_students_sign_in_with_a_confirmed_seat(demo: Demo, who: str) -> None:
    viewer = await demo.enter(who)
    assert [seat.confirmed for seat in viewer.seats] == [True]


async def test_demo_moderator_finds_an_open_queue(demo: Demo) -> None:
    moderator = await demo.enter("Second moderator")
    queue = await list_queue(demo.db, moderator, QueueFilter(), PageRequest(size=100))
    assert len(queue.rows) >= 3
    assert any(row.is_hidden for row in queue.rows)
    proposed = [row.subject_id for row in queue.rows if row.subject_kind == TOPIC]
    assert proposed == await demo.column("select id from topic_proposal where state = 'WAITING'")
    assert len(proposed) == 1


async def test_demo_teacher_has_something_to_approve(demo: Demo) -> None:
    teacher = await demo.enter("Teacher of 9B")
    assert (await list_for_teacher(demo.db, teacher, PageRequest(size=10))).rows


async def test_demo_moderator_finds_an_appeal_to_answer(demo: Demo) -> None:
    moderator = await demo.enter("Moderator")
    appeals = await list_appeals(demo.db, make_services(demo.settings).desk, moderator, PageRequest(size=10))
    assert appeals.rows


async def test_demo_class_code_lets_somebody_join(demo: Demo) -> None:
    services = make_services(demo.settings)
    joined = await joining.join_class(
        demo.db, ANONYMOUS, services.places,
        code=demo.sign_in_of("Class code of 9B").hint or "", newcomer=Newcomer("Ny i klassen", 2012),
    )  # fmt: skip
    assert joined.school_class.name == "9B"


async def test_fill_again_is_refused(demo: Demo) -> None:
    accounts = await demo.count("account")
    with pytest.raises(DemoRefused, match="not empty"):
        await fill(demo.settings, report=demo.reports.append)
    assert await demo.count("account") == accounts


async def test_fill_in_production_is_refused_before_anything(settings: Settings, db: Database) -> None:
    production = settings.model_copy(update={"environment": Environment.PRODUCTION})
    with pytest.raises(DemoRefused, match="production"):
        await fill(production, report=print)
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from account") == 0


def test_totp_prints_a_code_that_works_once(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", demo.settings.database_url)
    monkeypatch.setenv("STEMME_DEV_FOLDER", str(demo.settings.dev_folder))
    shown = CliRunner().invoke(main, ["totp", "lead2-tampere"])
    assert shown.exit_code == 0
    assert len(shown.output.strip()) == 6
    assert "Nobody has the handle" in CliRunner().invoke(main, ["totp", "nobody-here"]).output
    assert "has no second factor" in CliRunner().invoke(main, ["totp", "kompass"]).output


def test_totp_in_production_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "STEMME_ENVIRONMENT": "production",
        "STEMME_DEV_FOLDER": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    refused = CliRunner().invoke(main, ["totp", "secretariat"])
    assert refused.exit_code == 1
