"""From a published statement to a card, a bundle, a post and its takedown, over HTTP with the worker's own jobs."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from litestar.exceptions import LitestarException

from backend.campaigns.rules import Audience
from backend.composition import make_registry, make_services
from backend.core.database import Database
from backend.settings import Settings
from graphql_api.media import file_answers
from graphql_api.node_ids import global_id
from media.blobs.folder import FolderStore
from media.blobs.protocol import StoreUnavailable
from tests.api.client import Api
from tests.campaigns.sharing import editor_of, student_editor_of
from tests.campaigns.stage import Stage, make_stage
from tests.places.town import sign_in

TEXT = "أريد أن أتكلم بحرية في مدينتي. وأن يسمعني الكبار!"
COLOURS = {"background": "#0b3d2e", "accent": "#f4d58d"}


@pytest.fixture
def stage(db: Database, runner: asyncio.Runner) -> Stage:
    made = runner.run(make_stage(db))
    for who in ("moderator", "second"):
        setattr(made, who, replace(getattr(made, who), languages=frozenset({"ar", "nb"})))
    return made


async def work(db: Database, settings: Settings) -> list[str]:
    """Do what waits in the queue for what is shared; what it was."""
    registry = make_registry(settings, db, make_services(settings))
    async with db.transaction() as tx:
        jobs = await tx.fetch(
            "delete from pgqueuer where entrypoint like 'campaigns.%' returning entrypoint, payload"
        )  # fmt: skip
    for job in jobs:
        await registry.handlers[job["entrypoint"]](json.loads(job["payload"]))
    return sorted(job["entrypoint"] for job in jobs)


async def away(*_: object) -> AsyncGenerator[bytes]:
    """What a store gives that cannot be reached."""
    raise StoreUnavailable("timeout")
    yield b""


async def test_statement_goes_out_and_comes_back_within_the_day(
    api: Api, db: Database, settings: Settings, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, editor, young = await stage.student(), await editor_of(stage), await student_editor_of(stage)
    tokens = {one: await sign_in(db, one.require_account()) for one in (author, editor, young)}
    campaign_id = global_id("Campaign", stage.campaign_id)
    row_id = await stage.publish(author, TEXT, language="ar", audience=Audience.SOCIAL)
    statement_id = global_id("Statement", row_id)

    asked = await api.do(
        "ShareCardRequest", as_=tokens[author], statementId=statement_id, excerpt="أريد أن أتكلم بحرية في مدينتي."
    )
    assert (asked["status"], asked["files"], asked["direction"]) == ("WAITING", [], "RTL")
    assert await work(db, settings) == ["campaigns.draw_card"]
    [card] = [
        edge["node"] for edge in (await api.run("ShareCards", as_=tokens[young], statementId=statement_id))["edges"]
    ]
    assert (card["id"], card["status"], card["problem"]) == (asked["id"], "READY", None)
    assert card["altText"].startswith("«أريد أن أتكلم بحرية في مدينتي.» — ")
    for file, sides in zip(card["files"], ((1080, 1350), (1080, 1920)), strict=True):
        answer = await api.http.get(file["url"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert len(answer.content) == file["bytes"] == int(answer.headers["content-length"])
        assert (file["width"], file["height"]) == sides
        with monkeypatch.context() as patch:
            patch.setattr(FolderStore, "stream", away)
            answer = await api.http.get(file["url"])
        assert (answer.status_code, answer.headers["retry-after"], answer.content) == (503, "30", b"")
    assert await api.refuse("ShareCardRequest", as_=tokens[author], statementId=statement_id, excerpt="لا") == (
        "ValidationProblem", "excerpt_not_in_text",
    )  # fmt: skip
    refused = await api.refuse("SocialExportCreate", as_=tokens[young], statementId=statement_id)
    assert refused == ("NotAllowed", "not_allowed")

    exported = await api.do("SocialExportCreate", as_=tokens[editor], statementId=statement_id)
    assert (exported["status"], exported["url"]) == ("WAITING", None)
    await work(db, settings)
    [made] = (await api.run("SocialExports", as_=tokens[editor], campaignId=campaign_id))["edges"]
    answer = await api.http.get(made["node"]["url"])
    assert "attachment" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert {"card-1-post.png", "card-1-story.png", "suggested.txt", "alt-texts.txt"} == set(bundle.namelist())
        assert card["altText"] in bundle.read("alt-texts.txt").decode()
    head = await api.http.head(made["node"]["url"])
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(answer.content)), b"")
    links = ["https://www.instagram.com/p/abc"]
    posted = await api.do("SocialExportPosted", as_=tokens[editor], socialExportId=exported["id"], links=links)
    assert posted["links"] == links

    await api.do("StatementWithdraw", as_=tokens[author], statementId=global_id("OwnStatement", row_id))
    for url in (made["node"]["url"], *(file["url"] for file in card["files"])):
        assert (await api.http.get(url)).status_code == 404
    assert (await api.run("ShareCards", as_=tokens[author], statementId=statement_id))["edges"] == []
    await work(db, settings)
    assert await stage.value("select count(*) from shared_file") == 0

    listed = await api.run("Takedowns", as_=tokens[editor], campaignId=campaign_id, onlyOpen=True)
    [due] = [edge["node"] for edge in listed["edges"]]
    assert (due["state"], due["reason"], due["overdue"], due["links"]) == ("OPEN", "WITHDRAWN", False, links)
    assert (await api.run("Takedowns", as_=tokens[author], campaignId=campaign_id))["edges"] == []
    refused = await api.refuse("TakedownConfirm", as_=tokens[young], takedownId=due["id"])
    assert refused == ("NotFound", "not_found")
    for _ in range(2):
        done = await api.do("TakedownConfirm", as_=tokens[editor], takedownId=due["id"], note="Slettet.")
        assert (done["state"], done["note"], done["confirmedBy"], done["links"]) == (
            "CONFIRMED", "Slettet.", exported["exportedBy"], [],
        )  # fmt: skip


async def test_bundle_stops_when_the_statement_is_taken_back_while_somebody_reads_it(
    api: Api, db: Database, settings: Settings, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    row_id = await stage.publish(author, TEXT, language="ar", audience=Audience.SOCIAL)
    token = await sign_in(db, editor.require_account())
    exported = await api.do("SocialExportCreate", as_=token, statementId=global_id("Statement", row_id))
    await work(db, settings)
    campaign_id = global_id("Campaign", stage.campaign_id)
    [made] = (await api.run("SocialExports", as_=token, campaignId=campaign_id))["edges"]
    assert made["node"]["id"] == exported["id"]
    sent: list[bytes] = []

    async def slowly(*_: object) -> AsyncGenerator[bytes]:
        sent.append(b"x")
        yield b"x"
        await stage.withdraw(author, row_id)
        yield b"y"
        sent.append(b"y")

    monkeypatch.setattr(file_answers, "_LOOK_AGAIN_SECONDS", 0)
    monkeypatch.setattr(FolderStore, "stream", slowly)
    with pytest.raises(LitestarException, match="after response started"):  # the server cuts the connection
        await api.http.get(made["node"]["url"])
    assert sent == [b"x"]


async def test_card_whose_headers_are_asked_for_has_not_gone_out(
    api: Api, db: Database, settings: Settings, stage: Stage
) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    row_id = await stage.publish(author, TEXT, language="ar", audience=Audience.SOCIAL)
    statement_id, token = global_id("Statement", row_id), await sign_in(db, editor.require_account())
    await api.do("ShareCardRequest", as_=token, statementId=statement_id)
    await work(db, settings)
    [card] = (await api.run("ShareCards", as_=token, statementId=statement_id))["edges"]
    url = card["node"]["files"][0]["url"]
    assert (await api.http.head(url)).status_code == 200
    assert await stage.value("select count(*) from share_card where fetched_at is not null") == 0
    assert (await api.http.get(url)).status_code == 200
    assert await stage.value("select count(*) from share_card where fetched_at is not null") == 1


async def test_campaign_has_colours_of_its_own_or_of_the_palette(api: Api, db: Database, stage: Stage) -> None:
    token = await sign_in(db, stage.town.secretariat.require_account())
    campaign = await api.run("Campaign", id=global_id("Campaign", stage.campaign_id))
    assert campaign["cardColours"]["background"].startswith("#")
    text = [{"locale": "nb", "text": "Ny."}]
    given: dict[str, Any] = {"campaignId": campaign["id"], "title": text, "description": text, "prompt": text}
    alike = {"background": "#ffffff", "accent": "#fefefe"}
    assert await api.refuse("CampaignUpdate", as_=token, **given, cardColours=alike) == (
        "ValidationProblem", "colour_contrast",
    )  # fmt: skip
    assert (await api.do("CampaignUpdate", as_=token, **given, cardColours=COLOURS))["cardColours"] == COLOURS
    assert (await api.do("CampaignUpdate", as_=token, **given))["cardColours"] == COLOURS


@pytest.mark.parametrize(
    "path", ["x/y", f"{'A' * 50}/{'0' * 64}.png", f"{'-' * 50}/{'0' * 64}.zip", "..%2f..%2f/x.png"]
)
async def test_made_up_address_of_a_card_is_nothing(api: Api, path: str) -> None:
    assert (await api.http.get(f"/shared/{path}")).status_code == 404
