"""Captions over HTTP: set, told what is wrong, read by author, reviewers and everybody, played, taken away."""

import asyncio
from pathlib import Path

import pytest
import webvtt

from backend.accounts.consent_rules import ConsentAudience, ConsentPurpose
from backend.core.database import Database
from backend.settings import Settings
from graphql_api.node_ids import global_id
from media.blobs.folder import FolderStore
from media.config import Media
from tests.api.client import Api
from tests.campaigns.stage import Stage, make_stage
from tests.media.movie import as_movie
from tests.places.town import sign_in

TEXT = "\ufeffWEBVTT\r\n\r\nNOTE Ola\r\n\r\n00:00.000 --> 00:02.000\r\n<v Ola>Vi må få snakke.\r\n"
CLEAN = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nVi må få snakke.\n"
ARABIC = "WEBVTT\n\n00:00.000 --> 00:02.000\nمرحبا بكم\n"


@pytest.fixture
def stage(api: Api, db: Database, settings: Settings, runner: asyncio.Runner) -> Stage:
    secret = settings.secret
    return runner.run(make_stage(db, Media(blobs=FolderStore(Path(settings.media_folder)), secret=secret)))


async def test_captions_from_a_file_of_the_author_to_the_players_of_everybody(api: Api, stage: Stage) -> None:
    author = await stage.student()
    await stage.consent(author.require_account(), [ConsentAudience.CITY], purpose=ConsentPurpose.IDENTIFIABLE_MEDIA)
    token = await sign_in(stage.db, author.require_account())
    movie = await as_movie(stage.db, await stage.picture(author))
    asset = {"assetId": global_id("Asset", movie)}
    statement_id = await stage.draft(author, audience="CITY", asset_ids=[movie])  # type: ignore[arg-type]
    await api.do("CaptionSet", as_=token, **asset, language="ar", text=ARABIC)
    own = await api.run("OwnStatement", as_=token, id=global_id("OwnStatement", statement_id))
    assert own["nextStep"] == "ADD_CAPTIONS"
    told = await api.do("CaptionSet", as_=token, **asset, language="nb", text=TEXT)
    assert [(one["language"], one["direction"], one["text"]) for one in told["captions"]] == [
        ("ar", "RTL", ARABIC.replace("00:0", "00:00:0")), ("nb", "LTR", CLEAN),
    ]  # fmt: skip
    assert {file["contentType"] for file in told["renditions"]} == {"image/webp", "image/jpeg"}
    assert (await api.run("Asset", as_=token, id=asset["assetId"]))["captions"] == told["captions"]
    served = await api.http.get(told["captions"][1]["url"])
    assert (served.status_code, served.headers["content-type"]) == (200, "text/vtt; charset=utf-8")
    assert served.headers["x-content-type-options"] == "nosniff"
    [cue] = webvtt.from_string(served.text, strict=True).captions
    assert cue.text == "Vi må få snakke."
    subject = await stage.submit(author, statement_id)
    moderator = await sign_in(stage.db, stage.moderator.require_account())
    case = await api.run("Case", as_=moderator, id=global_id("Case", await stage.case_of(statement_id)))
    assert [one["text"] for one in case["submitted"]["media"][0]["captions"]] == [
        one["text"] for one in told["captions"]
    ]
    await stage.approve(subject)
    shown = await api.run("Statement", id=global_id("Statement", statement_id))
    [arabic, norwegian] = shown["media"][0]["captions"]
    assert (arabic["language"], arabic["direction"]) == ("ar", "RTL")
    public = await api.http.get(norwegian["url"])
    assert public.text.startswith(CLEAN)
    await stage.withdraw(author, statement_id)
    assert (await api.http.get(norwegian["url"])).status_code == 404


async def test_problem_of_a_file_names_its_line_in_the_readers_language(api: Api, stage: Stage) -> None:
    author = await stage.student()
    token = await sign_in(stage.db, author.require_account())
    asset = {"assetId": global_id("Asset", await as_movie(stage.db, await stage.picture(author)))}
    await api.do("LocaleChange", as_=token, locale="nb")
    wrong = "WEBVTT\n\n00:00.000 --> 00:02.000\nHei.\n\n00:01,000 --> 00:03,000\nKomma.\n"
    problem = await api.run("CaptionSet", as_=token, input={**asset, "language": "nb", "text": wrong})
    assert problem["__typename"] == "ValidationProblem"
    assert (problem["code"], problem["path"]) == ("captions_times", ["text"])
    assert problem["message"].startswith("Linje 6: ")
    picture = {"assetId": global_id("Asset", await stage.picture(author))}
    refused = await api.refuse("CaptionSet", as_=token, **picture, language="nb", text=TEXT)
    assert refused == ("ValidationProblem", "captions_not_a_movie")


async def test_captions_are_taken_away_by_their_owner_alone(api: Api, stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    token, stranger = [await sign_in(stage.db, one.require_account()) for one in (author, other)]
    asset = {"assetId": global_id("Asset", await as_movie(stage.db, await stage.picture(author)))}
    told = await api.do("CaptionSet", as_=token, **asset, language="nb", text=TEXT)
    for name, more in (("CaptionSet", {"text": TEXT}), ("CaptionRemove", {})):
        refused = await api.refuse(name, as_=stranger, **asset, language="nb", **more)
        assert refused == ("NotFound", "not_found")
    assert await api.run("Asset", as_=stranger, id=asset["assetId"]) is None
    assert (await api.do("CaptionRemove", as_=token, **asset, language="nb"))["captions"] == []
    assert (await api.do("CaptionRemove", as_=token, **asset, language="nb"))["captions"] == []
    assert (await api.http.get(told["captions"][0]["url"])).status_code == 404
