"""Web process, worker or database are killed at each step of the walk; the app repeats, and all is there once."""

import asyncio
import hashlib
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from backend.campaigns.course_content import load_course
from backend.core import audit
from backend.core.database import Database
from backend.dev.programs import run_sql
from graphql_api.node_ids import global_id
from tests.api.client import OPERATIONS
from tests.campaigns.stage import Stage, make_stage
from tests.dev.house import House, eventually, free_port
from tests.media.files import picture, saved
from tests.places.town import sign_in

PHOTO = saved(picture(1600, 1200), "JPEG")
# After so many seconds the blow falls: before the request is read, while it is worked on, around its answer.
DELAYS = (0.0, 0.004, 0.012, 0.03)
PATIENCE_SECONDS = 30


@dataclass
class App:
    """What a phone does on a bad network: sends, and sends the same again until there is an answer."""

    house: House
    http: httpx.Client
    failures: list[str] = field(default_factory=list)
    blows: int = 0

    def do(self, name: str, token: str | None, *, kill: str | None = None, **fields: Any) -> Any:
        """The answer of a mutation; `kill` names the process that dies after the request was sent."""
        variables = {"input": fields}
        return self._insist(lambda: self._post(name, variables, token), kill)

    def ask(self, name: str, token: str | None = None, **variables: Any) -> Any:
        """The one field of a query."""
        return self._insist(lambda: self._post(name, variables, token), None)

    def put(self, url: str, content: bytes, *, kill: str | None) -> None:
        """Send bytes to a ticket's address; a repeat after the first was taken is refused or taken again."""

        def send() -> int | None:
            status = self.http.put(url, content=content).status_code
            return None if status >= 500 else status

        assert self._insist(send, kill) in {201, 409}

    def _insist(self, send: Any, kill: str | None) -> Any:
        blow = self._blow(kill) if kill else None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = send()
            except httpx.TransportError as lost:
                self.failures.append(type(lost).__name__)
                answer = None
            if blow is not None:
                blow.join()
                # Even an answer that arrived is asked for again: an app that was closed meanwhile has lost it.
                blow = answer = None
            if answer is not None:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"no answer in {PATIENCE_SECONDS} s: {self.failures[-3:]}\n{self.house.said[-3000:]}")

    def _post(self, name: str, variables: dict[str, Any], token: str | None) -> Any:
        text = (OPERATIONS / f"{name}.graphql").read_text("utf-8")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = self.http.post("/graphql", json={"query": text, "variables": variables}, headers=headers)
        body = response.json()
        if errors := body.get("errors"):
            assert {one["extensions"]["code"] for one in errors} == {"TRY_AGAIN"}, self.house.said[-6000:]
            self.failures.append("TRY_AGAIN")
            return None
        answer = next(iter(body["data"].values()))
        return None if isinstance(answer, dict) and answer.get("code") == "try_again" else answer

    def _living(self, name: str) -> psutil.Process:
        """The process, once the supervisor has it back from the last blow."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.house.member(name)
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _blow(self, kill: str) -> threading.Thread:
        victim = self._living(kill)
        delay = DELAYS[self.blows % len(DELAYS)]
        self.blows += 1

        def strike() -> None:
            time.sleep(delay)
            victim.kill()

        thread = threading.Thread(target=strike)
        thread.start()
        return thread


@pytest.fixture
def house() -> Iterator[House]:
    home = Path(tempfile.mkdtemp(prefix="stemme-killed-"))
    home.chmod(0o755)
    made = House(home / "house", free_port(), STEMME_CONSENT_DELAY_HOURS="0")
    made.start_and_wait()
    yield made
    made.close()
    shutil.rmtree(home)


@dataclass(frozen=True)
class Cast:
    """The stage's people, signed in."""

    stage: Stage
    teacher: str
    moderator: str
    second: str
    code: str


async def _cast(url: str) -> Cast:
    db = await Database.open(url, size=3)
    stage = await make_stage(db)
    tokens = []
    for who in (stage.teacher, stage.moderator, stage.second):
        async with db.transaction() as tx:
            await tx.execute("update account set review_languages = '{nb,en}' where id = $1", who.account_id)
        tokens.append(await sign_in(db, who.require_account()))
    code = await stage.town.code()
    await db.close()
    return Cast(stage, tokens[0], tokens[1], tokens[2], code)


def database_of(house: House) -> str:
    """The address of the house's database."""
    return (Path(house.environ["STEMME_DEV_FOLDER"]) / "database-url").read_text("utf-8")


def upload(app: App, author: str, key: str, *, kill: tuple[str | None, str | None, str | None]) -> str:
    """A photo on its way to the worker; the asset's id. One victim at the ticket, the bytes and the end."""
    ticket = app.do(
        "UploadRequest", author, kill=kill[0], contentType="image/jpeg", bytes=len(PHOTO),
        sha256=hashlib.sha256(PHOTO).hexdigest(), clientMutationKey=key,
    )  # fmt: skip
    app.put(ticket["url"].replace("localhost", "127.0.0.1"), PHOTO, kill=kill[1])
    done = app.do("UploadFinalize", author, kill=kill[2], uploadId=ticket["id"])
    assert done["id"] == ticket["asset"]["id"], done
    return str(done["id"])


def learn(app: App, author: str) -> None:
    """All lessons and the quiz, whose repeat costs no attempt."""
    course = load_course("my_voice_out", 1, "en")
    about: dict[str, Any] = {"course": "my_voice_out", "version": 1}
    for lesson in course.lessons:
        app.do("LessonComplete", author, **about, lesson=lesson.key)
    answers = [
        {"question": one.key, "options": [option.key for option in one.options if option.right]}
        for one in course.questions
    ]
    for _ in range(8):  # more often than there are attempts
        done = app.do("QuizSubmit", author, **about, answers=answers, clientMutationKey="quiz-on-a-train")
        assert done["passed"], done


def test_every_step_of_the_walk_survives_the_death_of_any_process(house: House) -> None:
    cast = asyncio.run(_cast(database_of(house)))
    with httpx.Client(base_url=f"http://127.0.0.1:{house.port}", timeout=20) as http:
        app = App(house, http)
        author, statement, assets = to_the_queue(app, cast)
        judged_and_withdrawn(app, cast, author, statement)
        assert [status_of(app, author, asset) for asset in assets] == ["REVOKED", "CLEAN"]
        assert app.blows >= 10
    look_at_what_is_there(house, statement)


def status_of(app: App, author: str, asset: str) -> str:
    """What became of a picture, once the worker is done with it, whoever died over it."""
    found: list[str] = []

    def is_done() -> bool:
        found.append(app.ask("Asset", author, id=asset)["status"])
        return found[-1] not in {"SCANNING", "PROCESSING"}

    assert eventually(is_done, seconds=60), found[-1]
    return found[-1]


def to_the_queue(app: App, cast: Cast) -> tuple[str, dict[str, Any], list[str]]:
    """Join, be confirmed, learn, upload, hand in."""
    joined = app.do(
        "ClassJoin", None, kill="web", code=cast.code, clientMutationKey="join-" + "k" * 22,
        newcomer={"pseudonym": "Fjord", "birthYear": 2009},
    )  # fmt: skip
    author, seat = joined["sessionToken"], joined["seat"]["id"]
    confirmed = app.do("MembershipConfirm", cast.teacher, kill="postgres", seatIds=[seat])
    assert confirmed["__typename"] == "MembershipsConfirmed" or confirmed["currentState"] == "CONFIRMED", confirmed
    learn(app, author)
    wording = app.ask("ViewerConsents", author)["consentStandings"][0]["wording"]
    items = [{"purpose": "PUBLISH", "audience": "CITY", "answer": "YES"}]
    app.do("ConsentAnswer", author, wording=wording, items=items, clientMutationKey="consent-1")
    shown = upload(app, author, "photo-one-1", kill=("postgres", "web", None))
    spare = upload(app, author, "photo-two-2", kill=(None, None, "worker"))
    for asset in (shown, spare):
        assert status_of(app, author, asset) == "CLEAN"
    app.do("AssetDescribe", author, assetId=shown, altText="Et bord", people="NONE")
    draft = app.do(
        "StatementDraft", author, campaignId=global_id("Campaign", cast.stage.campaign_id),
        wording={"text": "Vi må få snakke.", "language": "nb", "audience": "CITY", "assetIds": [shown]},
        clientMutationKey="draft-one-1",
    )  # fmt: skip
    seen = {"statementId": draft["id"], "revisionId": draft["revisionId"], "version": draft["version"]}
    assert app.do("StatementSubmit", author, kill="postgres", **seen)["nextStep"] == "WAIT_FOR_TEACHER"
    return author, seen, [shown, spare]


def judged_and_withdrawn(app: App, cast: Cast, author: str, seen: dict[str, Any]) -> None:
    """Two keys, a report, a hiding, an appeal, and the author takes it back."""
    [waiting] = app.ask("ApprovalQueue", cast.teacher, first=5)["edges"]
    items = [{**seen, "statementId": waiting["node"]["subjectId"]}]
    [item] = app.do("StatementsApprove", cast.teacher, kill="web", items=items)["items"]
    assert item["outcome"] == "WAITS_FOR_SECOND_KEY", item
    decide(app, cast.moderator, "APPROVE", "submitted", kill="postgres")
    [shown] = app.ask("Feed", first=5)["edges"]
    shown_id = shown["node"]["id"]
    reported = app.do("SubjectReport", cast.teacher, kill="web", subjectId=shown_id, category="SPAM")
    assert reported["category"] == "SPAM", reported
    decide(app, cast.moderator, "HIDE", "reported", reason="SPAM")
    assert app.ask("Feed", first=5)["edges"] == []
    decision = app.ask("ViewerDecisions", author, first=1)["edges"][0]["node"]["id"]
    app.do("AppealFile", author, kill="postgres", decisionId=decision, text="Nei.", clientMutationKey="appeal-0001")
    appeal = app.ask("AppealQueue", cast.second, first=1)["edges"][0]["node"]["id"]
    answered = app.do(
        "AppealDecide", cast.second, kill="web", appealId=appeal, answer="OVERTURNED", text="Ja.", textLanguage="nb"
    )
    assert "OVERTURNED" in {answered.get("state"), answered.get("currentState")}, answered
    assert len(app.ask("Feed", first=5)["edges"]) == 1
    gone = app.do("StatementWithdraw", author, kill="postgres", statementId=seen["statementId"])
    assert gone["visibility"] == "WITHDRAWN", gone
    assert app.ask("Feed", first=5)["edges"] == []


def decide(app: App, who: str, verdict: str, part: str, *, kill: str | None = None, **more: Any) -> None:
    """Claim what waits and decide; a repeat of what was decided is refused with the state that it led to."""
    case = app.ask("ModerationQueue", who, first=1)["edges"][0]["node"]["id"]
    claim = app.do("CaseClaim", who, caseId=case)
    seen = claim["case"][part]
    done = app.do(
        "CaseDecide", who, kill=kill, caseId=case, claimToken=claim["token"], revisionId=seen["revisionId"],
        version=seen["version"], verdict=verdict, **more,
    )  # fmt: skip
    assert "CLOSED" in {done.get("state"), done.get("currentState")}, done


def look_at_what_is_there(house: House, seen: dict[str, Any]) -> None:
    """Exactly once, and the audit whole."""
    url = database_of(house)
    for count, sql in {
        "1": "select count(*) from seat where status = 'CONFIRMED'",
        "1 ": "select count(*) from account where pseudonym = 'Fjord'",
        "1  ": "select count(*) from quiz_attempt",
        "1   ": "select count(*) from statement",
        "1    ": "select count(*) from revision",
        "2": "select count(*) from upload",
        "1     ": "select count(*) from appeal",
        "0": "select count(*) from pgqueuer where status = 'failed'",
    }.items():
        assert run_sql(url, sql) == count.strip(), sql
    assert asyncio.run(_chain(url)) is None
    assert seen["version"] == 1


async def _chain(url: str) -> audit.BrokenLink | None:
    db = await Database.open(url, size=2)
    try:
        while await audit.seal(db):
            pass
        return await audit.verify(db)
    finally:
        await db.close()
