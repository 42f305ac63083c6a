"""A house with one of everything, over HTTP: ids for every input, sessions of people with all rights and none."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from backend.campaigns.rules import Audience
from backend.campaigns.sharing import cards, exporting
from backend.core.clock import process_now, time_shifted
from backend.core.ids import Id, new_id
from backend.core.viewer import Role, ScopeKind
from backend.rounds import joining, reflecting, scheduling
from backend.rounds.scheduling import Single
from graphql_api.node_ids import global_id
from moderation.rules import Reason, Verdict
from tests.api.client import Api
from tests.campaigns.family import make_family
from tests.campaigns.stage import Stage
from tests.places.town import make_account, sign_in, viewer_of
from tests.topics.forum import propose, shown

BYTES = b"not really a picture"
PROMISE = {"contentType": "image/jpeg", "bytes": len(BYTES), "sha256": hashlib.sha256(BYTES).hexdigest()}


@dataclass(slots=True)
class Stocked:
    """`ids` has a global id for every input field that takes one, `nodes` one id of every type that is a Node.

    `guardian_key` opens the page of a child with two statements.
    """

    api: Api
    stage: Stage
    ids: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    people: dict[str, Id] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    guardian_key: str = ""

    async def session(self, who: str) -> str:
        """A session of `boss`, `author`, `moderator` or `nobody`; kept until `forget`."""
        if who not in self.sessions:
            self.sessions[who] = await sign_in(self.stage.db, self.people[who])
        return self.sessions[who]

    def forget(self, who: str) -> None:
        """Sign in anew the next time: the session ended."""
        self.sessions.pop(who, None)


async def stock(api: Api, stage: Stage) -> Stocked:
    """Fill an open campaign with one of everything."""
    house = Stocked(api, stage)
    author, reporter = await stage.student(), await stage.student()
    house.people = {
        "boss": await _boss(stage),
        "author": author.require_account(),
        "moderator": stage.moderator.require_account(),
        "reviewer": stage.second.require_account(),
        "reporter": reporter.require_account(),
        "nobody": await make_account(stage.db, pseudonym="Nobody here"),
        "juror": await make_account(stage.db, pseudonym="A juror"),
    }
    family = await make_family(stage)
    for text in ("Hei, byen.", "Hei igjen."):
        await stage.publish(family.child, text, audience=Audience.CITY)
    house.guardian_key = family.code
    published = await stage.publish(author, "Vi må få snakke.")
    refused = await stage.hand_in(author, "Ikke slik.", audience=Audience.SCHOOL)
    await stage.decide(refused, Verdict.REJECT, reason=Reason.SPAM)
    waiting = await stage.subject((await stage.hand_in(author, "Vent på meg.")).id)
    draft = await stage.draft(author, "Bare et utkast.")
    statement = {"statementId": global_id("Statement", published), "ownStatementId": global_id("OwnStatement", draft)}
    upload = await api.do("UploadRequest", as_=await house.session("author"), **PROMISE)
    report = await api.do(
        "SubjectReport", as_=await house.session("reporter"), subjectId=statement["statementId"], category="OTHER"
    )
    decision = (await api.run("ViewerDecisions", as_=await house.session("author")))["edges"][0]["node"]["id"]
    appeal = await api.do("AppealFile", as_=await house.session("author"), decisionId=decision, text="Se en gang til.")
    competing = await stage.publish(author, "Hør på oss.", audience=Audience.CITY)
    judged = await _judged(stage, competing, house.people["juror"])
    rows = {**await _rows(stage, waiting.id, author.require_account()), **judged}
    campaign = await api.run("Campaign", id=global_id("Campaign", stage.campaign_id))
    shared = await _shared(house)
    house.ids = {
        **statement,
        "socialStatementId": shared["Statement"], "socialExportId": shared["SocialExport"],
        "takedownId": shared["Takedown"],
        "campaignId": campaign["id"], "topicId": campaign["topics"][0]["id"],
        "cityId": global_id("City", stage.town.city.id), "schoolId": global_id("School", stage.town.school.id),
        "classId": global_id("SchoolClass", stage.town.school_class.id),
        "classIds": global_id("SchoolClass", stage.town.school_class.id),
        "unionId": global_id("ClassUnion", rows["union"]),
        "scopeId": global_id("School", stage.town.school.id),
        "seatId": global_id("Seat", rows["seat"]), "seatIds": global_id("Seat", rows["pending"]),
        "revisionId": global_id("Revision", waiting.revision_id), "caseId": global_id("Case", rows["case"]),
        "inReplyTo": statement["statementId"], "subjectId": statement["statementId"],
        "decisionId": decision, "appealId": global_id("Appeal", rows["appeal"]),
        "roleGrantId": global_id("RoleGrant", rows["grant"]),
        "sessionId": global_id("Session", rows["session"]),
        "roundId": global_id("Round", rows["round"]),
        "entryId": global_id("JuryEntry", rows["duty"]), "wordingId": global_id("Wording", rows["duty"]),
        "cardIds": global_id("HandCard", rows["entry"]),
        "awardId": global_id("Award", rows["award"]),
        "proposalId": global_id("TopicProposal", rows["proposal"]),
        "uploadId": upload["id"], "assetId": upload["asset"]["id"], "assetIds": upload["asset"]["id"],
    }  # fmt: skip
    house.nodes = {
        "Appeal": global_id("Appeal", rows["appeal"]), "Asset": upload["asset"]["id"], "Campaign": campaign["id"],
        "Case": house.ids["caseId"], "City": house.ids["cityId"], "ClassUnion": house.ids["unionId"],
        "Award": house.ids["awardId"], "Decision": decision, "JuryEntry": house.ids["entryId"],
        "Notice": global_id("Notice", rows["notice"]), "OwnAppeal": appeal["id"],
        "OwnStatement": house.ids["ownStatementId"], "Report": report["id"],
        "RoleGrant": house.ids["roleGrantId"], "Round": house.ids["roundId"], "School": house.ids["schoolId"],
        "SchoolClass": house.ids["classId"], "Seat": house.ids["seatId"], "Session": house.ids["sessionId"],
        "Statement": statement["statementId"], "TopicProposal": house.ids["proposalId"],
        "Viewer": global_id("Viewer", author.require_account()), "ShareCard": shared["ShareCard"],
        "SocialExport": shared["SocialExport"], "Takedown": shared["Takedown"],
    }  # fmt: skip
    return house


async def _shared(house: Stocked) -> dict[str, str]:
    """A statement for social media with a card and a bundle, by `sharer`, and one that has to be taken down."""
    stage, boss = house.stage, await viewer_of(house.stage.db, house.people["boss"])
    sharer = await stage.student()
    house.people["sharer"] = sharer.require_account()
    out, back = [await stage.publish(sharer, "Hei, alle.", audience=Audience.SOCIAL) for _ in range(2)]
    card_id = await cards.request_card(stage.db, sharer, out, secret=b"x" * 32)
    export_id = await exporting.create_export(stage.db, boss, out)
    await exporting.create_export(stage.db, boss, back)
    await stage.withdraw(sharer, back)
    takedown_id = await stage.value("select id from takedown where statement_id = $1", back)
    return {
        "Statement": global_id("Statement", out), "ShareCard": global_id("ShareCard", card_id),
        "SocialExport": global_id("SocialExport", export_id), "Takedown": global_id("Takedown", takedown_id),
    }  # fmt: skip


async def _boss(stage: Stage) -> Id:
    """Somebody with every role, which nobody can have by the rules: to get past all permissions."""
    town, account_id = stage.town, await make_account(stage.db, staff=True, pseudonym="Boss")
    scopes = {
        Role.SECRETARIAT: (ScopeKind.NETWORK, None), Role.CITY_OFFICIAL: (ScopeKind.CITY, town.city.id),
        Role.MODERATOR: (ScopeKind.CITY, town.city.id), Role.SCHOOL_ADMIN: (ScopeKind.SCHOOL, town.school.id),
        Role.TEACHER: (ScopeKind.CLASS, town.school_class.id), Role.EDITOR: (ScopeKind.CAMPAIGN, stage.campaign_id),
    }  # fmt: skip
    async with stage.db.transaction() as tx:
        for role, (kind, scope_id) in scopes.items():
            await tx.execute(
                "insert into role_grant (id, account_id, role, scope_kind, scope_id, granted_at)"
                " values ($1, $2, $3, $4, $5, now())",
                new_id(), account_id, role, kind, scope_id,
            )  # fmt: skip
        await tx.execute("update account set review_languages = '{nb,en}' where review_languages = '{}'")
    return account_id


async def _round(stage: Stage) -> Id:
    """A round that is open, in which somebody has done the week's task."""
    student, now = await stage.student(), process_now()
    times = Single(now, now + timedelta(days=4))
    round_id = await scheduling.schedule_single(stage.db, stage.town.secretariat, stage.campaign_id, times)
    await reflecting.mark_reflection(stage.db, student, round_id)
    return round_id


async def _judged(stage: Stage, statement_id: Id, juror_id: Id) -> dict[str, Id]:
    """A round that is being judged, with a statement that a juror is asked to score and that may get an award."""
    with time_shifted(timedelta(days=-6)):
        now = process_now()
        times = Single(now, now + timedelta(days=4))
        round_id = await scheduling.schedule_single(stage.db, stage.town.secretariat, stage.campaign_id, times)
    contender, entry, duty, award = new_id(), new_id(), new_id(), new_id()
    async with stage.db.transaction() as tx:
        await tx.execute("update round set drawn_at = now() where id = $1", round_id)
        await tx.execute(
            "insert into contender (id, round_id, class_ids, size, authors, entered, slots, lot)"
            " values ($1, $2, $3, 10, 1, 1, 5, '{0}')",
            contender, round_id, [stage.town.school_class.id],
        )  # fmt: skip
        await tx.execute(
            "insert into entry (id, round_id, contender_id, number, slot, statement_id, is_drawn)"
            " values ($1, $2, $3, 0, 0, $4, true)",
            entry, round_id, contender, statement_id,
        )  # fmt: skip
        await tx.execute(
            "insert into jury_duty (id, round_id, entry_id, juror_id, assigned_at, state)"
            " values ($1, $2, $3, $4, now(), 'ASSIGNED')",
            duty, round_id, entry, juror_id,
        )  # fmt: skip
        await tx.execute(
            "insert into award (id, round_id, title, statement_id, given_by, given_at, consent)"
            " values ($1, $2, $3, $4, $5, now(), 'ASKED')",
            award, round_id, {"nb": "Modigst"}, statement_id, stage.town.secretariat.account_id,
        )  # fmt: skip
        await tx.execute(
            "insert into role_grant (id, account_id, role, scope_kind, scope_id, granted_at)"
            " values ($1, $2, $3, $4, $5, now())",
            new_id(), juror_id, Role.CAMPAIGN_JUROR, ScopeKind.CAMPAIGN, stage.campaign_id,
        )  # fmt: skip
    return {"entry": entry, "duty": duty, "award": award}


async def _union(stage: Stage) -> Id:
    """Two classes that were joined, and are free again."""
    town = stage.town
    classes = [town.school_class.id, town.other_class.id]
    union_id = await joining.join_classes(stage.db, town.admin, stage.campaign_id, classes)
    await joining.separate_classes(stage.db, town.admin, union_id)
    return union_id


async def _proposal(stage: Stage, author: Id) -> Id:
    """A topic that others see, and one that waits for a moderator."""
    proposer = await viewer_of(stage.db, author)
    await propose(stage, proposer, "Vent på meg.")
    return await shown(stage, proposer)


async def _rows(stage: Stage, waiting: Id, author: Id) -> dict[str, Any]:
    """Row ids that no service gave back."""
    pending = await stage.town.join("Waiting Fox")
    return {
        "pending": pending.seat.id,
        "seat": await stage.value("select id from seat where account_id = $1", author),
        "case": await stage.case_of(waiting),
        "grant": await stage.value("select id from role_grant where role = 'EDITOR' limit 1"),
        "session": await stage.value("select id from session where account_id = $1 limit 1", author),
        "appeal": await stage.value("select id from appeal limit 1"),
        "round": await _round(stage),
        "union": await _union(stage),
        "proposal": await _proposal(stage, author),
        "notice": await stage.value("select id from notice where account_id = $1 limit 1", author),
    }
