"""The adults of the demo: an account with a verified address and a second factor, then a role down the chain."""

from dataclasses import dataclass

import pyotp

from backend.accounts import emails, profile, second_factor
from backend.accounts.passphrases import hasher_for
from backend.accounts.sign_up import SignUp, sign_up
from backend.core.clock import process_now
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.demo import store
from backend.demo.stage import ADDRESS, PASSPHRASE, Stage
from backend.places import roles
from backend.places.roles import NewRole

ADULT = 41


@dataclass(frozen=True, slots=True)
class Adult:
    """Somebody who works with the young people. `languages` are those in which they can review."""

    handle: str
    name: str
    country: str
    locale: str
    languages: tuple[str, ...] = ()


async def hire(stage: Stage, grantor: Viewer, adult: Adult, role: Role, kind: ScopeKind, scope_id: Id | None) -> Viewer:
    """A new member of staff who was given a role by `grantor`."""
    token = await welcome(stage, adult)
    new = NewRole(adult.handle, role, kind, scope_id)
    await roles.grant_role(stage.db, grantor, stage.services.places, new)
    return await stage.viewer(token)


async def first_secretariat(stage: Stage) -> Viewer:
    """The first of all, whom nobody can appoint."""
    adult = Adult("secretariat", "Solveig", "NO", "en")
    token = await welcome(stage, adult)
    await roles.appoint_secretariat(stage.db, adult.handle)
    return await stage.viewer(token)


async def welcome(stage: Stage, adult: Adult) -> str:
    """An account with all that staff need, but no role yet; its session, which passed the second factor."""
    accounts = stage.services.accounts
    form = SignUp(
        adult.handle,
        adult.name,
        process_now().year - ADULT,
        adult.country,
        passphrase=PASSPHRASE,
        email=f"{adult.handle}@example.org",
        locale=adult.locale,
    )
    signed_up = await sign_up(stage.db, accounts, hasher_for(accounts.hash_cost), Viewer(address=ADDRESS), form)
    token = signed_up.session.token
    viewer = await stage.viewer(token)
    await emails.verify_email(stage.db, accounts, viewer, await _mailed_code(stage, f"{adult.handle}@example.org"))
    app = pyotp.parse_uri((await second_factor.enrol(stage.db, accounts, viewer, None)).uri)
    assert isinstance(app, pyotp.TOTP)  # noqa: S101 - the only kind that we hand out
    code = app.at(int(process_now().timestamp()))
    await second_factor.confirm(stage.db, accounts, viewer, code, client_key=None)
    if adult.languages:
        await profile.set_review_languages(stage.db, viewer, adult.languages)
    return token


async def _mailed_code(stage: Stage, email: str) -> str:
    """What stands in the mail to this address."""
    async with stage.db.reading() as conn:
        return await store.mailed_code(conn, email)
