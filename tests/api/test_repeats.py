"""Sending a mutation again with its key: the first result, also at the same time, also after the thing has changed."""

import asyncio
from typing import Any

import pytest
from graphql import GraphQLInputObjectType

from backend.core.database import Database
from graphql_api.node_ids import global_id
from moderation.rules import Verdict
from tests.api.client import Api
from tests.api.generated import mutations
from tests.api.stocked import PROMISE, Stocked, stock
from tests.campaigns.stage import make_stage

# Naturally unique, harmless when repeated, or ended by the first run: these need no key.
WITHOUT_KEY = {
    "accountErase", "accountEraseCancel", "accountExport", "assetDescribe", "campaignClose", "campaignOpen",
    "caseClaim", "caseHeartbeat", "caseRelease", "citySafeguardingSet", "classClose", "classEnrolmentSet",
    "classesSeparate", "reflectionMark", "reflectionUnmark", "roundEnter", "roundOptIn", "roundOptOut",
    "awardConsent", "awardRescind", "entriesDeal", "entryAbstain", "entryMark", "entryScore",
    "consentWithdraw", "emailVerify", "guardianSlipsPrint", "inboxMarkRead", "lessonComplete", "localeChange",
    "membershipConfirm", "membershipLeave", "membershipRemove", "profileComplete", "pseudonymChange",
    "roundAnnounce", "roundConfirm", "roundPause", "roundResume", "roundUpdate", "roundVoid",
    "reviewLanguagesSet", "roleRevoke", "sessionEnd", "sessionRevoke", "statementDiscard", "statementSubmit",
    "statementSupport", "statementTranslate", "statementUnsupport", "statementWithdraw", "statementsApprove",
    "subjectReport", "topicAnswer", "topicSupport", "topicUnsupport", "topicWithdraw", "totpRemove",
    "totpVerify", "uploadFinalize", "uploadPart", "uploadAbort", "assetDelete",
}  # fmt: skip
KEY = "one-and-the-same-key-please"
TEXTS = [{"locale": "en", "text": "Our town"}]
WORDING = {"text": "Nye ord.", "language": "nb", "audience": "SCHOOL"}


@pytest.fixture
def house(api: Api, db: Database, runner: asyncio.Runner) -> Stocked:
    async def make() -> Stocked:
        return await stock(api, await make_stage(db))

    return runner.run(make())


def test_every_mutation_has_a_key_or_needs_none() -> None:
    keyed = {
        name
        for name, kind in mutations().items()
        if isinstance(kind, GraphQLInputObjectType) and "clientMutationKey" in kind.fields
    }
    assert set(mutations()) - keyed == WITHOUT_KEY


def creating(house: Stocked) -> dict[str, tuple[str, dict[str, Any]]]:
    """Operations that make something, who does so, and with what."""
    ids, other_class = house.ids, global_id("SchoolClass", house.stage.town.other_class.id)
    return {
        "CityCreate": ("boss", {"name": "Nordby", "country": "NO", "zone": "Europe/Oslo"}),
        "SchoolCreate": ("boss", {"cityId": ids["cityId"], "name": "Nordby skole"}),
        "ClassCreate": (
            "boss",
            {"schoolId": ids["schoolId"], "name": "8C", "schoolYear": "2026/27", "declaredEnrolment": 20},
        ),
        "ClassCodeRotate": ("boss", {"classId": ids["classId"]}),
        "LoginCardsCreate": ("boss", {"classId": ids["classId"], "count": 2}),
        "CampaignCreate": (
            "boss", {"title": TEXTS, "description": TEXTS, "prompt": TEXTS, "zone": "Europe/Oslo"},
        ),
        "CampaignUpdate": (
            "boss",
            {
                "campaignId": ids["campaignId"], "title": TEXTS, "description": TEXTS, "prompt": TEXTS,
                "newTopics": [TEXTS],
            },
        ),
        "ClassesJoin": ("boss", {"campaignId": ids["campaignId"], "classIds": [ids["classId"], other_class]}),
        "StatementDraft": ("author", {"campaignId": ids["campaignId"], "wording": WORDING}),
        "StatementRevise": ("author", {"statementId": ids["ownStatementId"], "wording": WORDING, "seenVersion": 1}),
        "TopicPropose": (
            "author",
            {"campaignId": ids["campaignId"], "name": "Skoleveien", "why": "Den er utrygg.", "language": "nb"},
        ),
        "UploadRequest": ("author", PROMISE),
    }  # fmt: skip


async def counts(house: Stocked) -> dict[str, int]:
    tables = ("city", "school", "school_class", "class_code", "seat", "account", "campaign", "topic", "statement",
              "revision", "upload", "moderation_decision", "class_union", "topic_proposal")  # fmt: skip
    return {name: await house.stage.value(f"select count(*) from {name}") for name in tables}


async def test_repeat_gives_the_first_result_also_at_the_same_time(house: Stocked) -> None:
    for name, (who, given) in creating(house).items():
        token = await house.session(who)
        sent = {**given, "clientMutationKey": f"{KEY}-{name}"}
        first, second = await asyncio.gather(*(house.api.do(name, as_=token, **sent) for _ in range(2)))
        made = await counts(house)
        third = await house.api.do(name, as_=token, **sent)
        assert first == second == third, name
        assert await counts(house) == made, name


async def test_repeat_with_a_key_of_something_else_is_refused(house: Stocked) -> None:
    token = await house.session("boss")
    all_of_them = creating(house)
    await house.api.do("CityCreate", as_=token, **all_of_them["CityCreate"][1], clientMutationKey=KEY)
    given = {**all_of_them["SchoolCreate"][1], "clientMutationKey": KEY}
    assert await house.api.refuse("SchoolCreate", as_=token, **given) == ("ValidationProblem", "client_key_reused")
    short = {**given, "clientMutationKey": "short"}
    assert await house.api.refuse("SchoolCreate", as_=token, **short) == ("ValidationProblem", "client_key_length")
    long = {**given, "clientMutationKey": "x" * 201}
    assert await house.api.refuse("SchoolCreate", as_=token, **long) == ("ValidationProblem", "client_key_length")


async def test_draft_repeated_after_it_changed_is_the_same_draft_as_it_is_now(house: Stocked) -> None:
    token = await house.session("author")
    given = {"campaignId": house.ids["campaignId"], "wording": WORDING, "clientMutationKey": KEY}
    made = await house.api.do("StatementDraft", as_=token, **given)
    await house.api.do("StatementRevise", as_=token, statementId=made["id"], wording={**WORDING, "text": "Senere."})
    again = await house.api.do("StatementDraft", as_=token, **given)
    assert (again["id"], again["text"], again["version"]) == (made["id"], "Senere.", 2)


async def test_failed_try_leaves_the_key_free(house: Stocked) -> None:
    token = await house.session("author")
    given = {"campaignId": house.ids["campaignId"], "clientMutationKey": KEY}
    refused = await house.api.refuse("StatementDraft", as_=token, **given, wording={**WORDING, "text": " "})
    assert refused == ("ValidationProblem", "text_missing")
    assert (await house.api.do("StatementDraft", as_=token, **given, wording=WORDING))["text"] == "Nye ord."


async def test_decisions_are_made_once(house: Stocked) -> None:
    stage, api, token = house.stage, house.api, await house.session("moderator")
    async with stage.db.transaction() as tx:
        await tx.execute("update account set review_languages = '{nb,en}'")
        await tx.execute("update moderation_case set queue_from = now()")
    claim = await api.do("CaseClaim", as_=token, caseId=house.ids["caseId"])
    seen = claim["case"]["submitted"]
    given = {
        "caseId": house.ids["caseId"], "claimToken": claim["token"], "revisionId": seen["revisionId"],
        "version": seen["version"], "verdict": Verdict.APPROVE, "clientMutationKey": KEY,
    }  # fmt: skip
    first, second = await asyncio.gather(*(api.do("CaseDecide", as_=token, **given) for _ in range(2)))
    assert first == second == await api.do("CaseDecide", as_=token, **given)
    assert first["state"] == "CLOSED"
    answer = {"appealId": house.ids["appealId"], "answer": "UPHELD", "text": "Nei.", "textLanguage": "nb"}
    reviewer = await house.session("reviewer")
    done = [await api.do("AppealDecide", as_=reviewer, **answer, clientMutationKey=KEY) for _ in range(2)]
    assert done[0] == done[1]
    without_key = await api.refuse("AppealDecide", as_=reviewer, **answer)
    assert without_key[0] in {"Conflict", "NotAllowed"}
