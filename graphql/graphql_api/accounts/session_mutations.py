"""Coming in and going out: sign-up, sessions, passphrases, the second factor."""

import strawberry

from backend.accounts import recovery, second_factor, sessions, sign_in, sign_up
from backend.accounts.passphrases import PassphraseHasher, hasher_for
from backend.accounts.sessions import StartedSession
from backend.core.clock import process_now
from backend.places.seat_store import has_printed_card
from graphql_api.accounts import inputs, results
from graphql_api.accounts.cookies import ended_cookie, session_cookie
from graphql_api.accounts.enums import SessionTransport
from graphql_api.accounts.results import AccountRecovered, AccountSignedUp, PassphraseChanged, SessionStarted
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import global_id, parse_id


def _hasher(context: Context) -> PassphraseHasher:
    return hasher_for(context.services.accounts.hash_cost)


def _started(context: Context, begun: StartedSession, transport: SessionTransport) -> SessionStarted:
    token: str | None = begun.token
    if transport is SessionTransport.COOKIE:
        cookie = session_cookie(context.settings, begun.token, begun.kind, now=process_now(), ends_at=begun.ends_at)
        context.cookies_to_set.append(cookie)
        token = None
    return SessionStarted(
        session_id=global_id("Session", begun.id),
        token=token,
        kind=begun.kind,
        ends_at=begun.ends_at,
        second_factor=begun.second_factor,
    )


@strawberry.type
class SessionMutations:
    @mutation(
        "Make an account of one's own and sign in. Anybody; what it may do follows from consent.", for_anybody=True
    )
    async def account_sign_up(self, info: Info, input: inputs.AccountSignUpInput) -> results.AccountSignUpResult:
        context = info.context
        form = sign_up.SignUp(
            handle=input.handle, passphrase=input.passphrase, pseudonym=input.pseudonym, birth_year=input.birth_year,
            country=input.country, email=input.email, locale=input.locale, kind=input.session_kind,
            client_key=input.client_mutation_key,
        )  # fmt: skip
        made = await sign_up.sign_up(context.db, context.services.accounts, _hasher(context), context.viewer, form)
        return AccountSignedUp(
            handle=made.account.handle or "",
            passphrase=made.passphrase,
            recovery_code=made.recovery_code,
            session=_started(context, made.session, input.transport),
        )

    @mutation(
        "Set a new passphrase with the recovery code. Every session ends. With the code of a printed card drafts and "
        "answers are sealed for a day: whoever printed it knows it.",
        for_anybody=True,
    )
    async def account_recover(self, info: Info, input: inputs.AccountRecoverInput) -> results.AccountRecoverResult:
        context = info.context
        typed = recovery.Recovery(
            input.handle, input.recovery_code, input.passphrase, client_key=input.client_mutation_key
        )
        done = await recovery.recover_account(
            context.db, context.services.accounts, _hasher(context), context.viewer, typed,
            was_printed=has_printed_card,
        )  # fmt: skip
        return AccountRecovered(passphrase=done.passphrase, recovery_code=done.recovery_code)

    @mutation("Sign in. The answer is the same for a wrong passphrase and an unknown handle.", for_anybody=True)
    async def session_start(self, info: Info, input: inputs.SessionStartInput) -> results.SessionStartResult:
        context = info.context
        typed = sign_in.SignIn(
            handle=input.handle, passphrase=input.passphrase, second_factor=input.second_factor,
            kind=input.session_kind, device=input.device, client_key=input.client_mutation_key,
        )  # fmt: skip
        begun = await sign_in.sign_in(context.db, context.services.accounts, _hasher(context), context.viewer, typed)
        return _started(context, begun, input.transport)

    @mutation("Sign out of this session.")
    async def session_end(self, info: Info) -> results.SessionEndResult:
        ended = await sessions.end_session(info.context.db, info.context.viewer)
        info.context.cookies_to_set.append(ended_cookie(info.context.settings))
        return results.SessionEnded(session_id=global_id("Session", ended))

    @mutation("End one of the viewer's sessions.")
    async def session_revoke(self, info: Info, input: inputs.SessionRevokeInput) -> results.SessionRevokeResult:
        session_id = parse_id(input.session_id, "Session", path=("session_id",))
        await sessions.revoke_session(info.context.db, info.context.viewer, session_id)
        return results.SessionEnded(session_id=input.session_id)

    @mutation("Replace the passphrase. Every other session ends.")
    async def passphrase_change(
        self, info: Info, input: inputs.PassphraseChangeInput
    ) -> results.PassphraseChangeResult:
        context = info.context
        change = recovery.PassphraseChange(input.current_passphrase, input.passphrase, input.client_mutation_key)
        made = await recovery.change_passphrase(
            context.db, context.services.accounts, _hasher(context), context.viewer, change
        )
        return PassphraseChanged(passphrase=made)

    @mutation("Begin with an authenticator app: what it reads. In use once `totpConfirm` brought its first code.")
    async def totp_enroll(self, info: Info, input: inputs.TotpEnrollInput) -> results.TotpEnrollResult:
        context = info.context
        begun = await second_factor.enrol(
            context.db, context.services.accounts, context.viewer, input.client_mutation_key
        )
        return results.TotpEnrolled(uri=begun.uri, qr_svg=begun.svg)

    @mutation("Put the authenticator app to use; this session has passed the second factor.")
    async def totp_confirm(self, info: Info, input: inputs.TotpConfirmInput) -> results.TotpConfirmResult:
        context = info.context
        codes = await second_factor.confirm(
            context.db, context.services.accounts, context.viewer, input.code, client_key=input.client_mutation_key
        )
        return results.TotpConfirmed(recovery_codes=codes)
