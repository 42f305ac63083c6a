"""What people change about themselves: second factor, e-mail, name, languages, inbox, and leaving."""

import strawberry

from backend.accounts import emails, erasure, profile, second_factor
from backend.core.errors import Unauthenticated
from backend.notices import inbox
from backend.places.pseudonyms import name_guard
from graphql_api.accounts import inputs, results
from graphql_api.accounts.enums import PublishedStatements
from graphql_api.accounts.queries import load_viewer
from graphql_api.accounts.results import ViewerChanged
from graphql_api.context import Context, Info
from graphql_api.fields import mutation


async def _changed(context: Context) -> ViewerChanged:
    viewer = await load_viewer(context)
    if viewer is None:
        raise Unauthenticated
    return ViewerChanged(viewer=viewer)


@strawberry.type
class ProfileMutations:
    @mutation("Let this session pass the second factor.")
    async def totp_verify(self, info: Info, input: inputs.TotpVerifyInput) -> results.TotpVerifyResult:
        await second_factor.pass_now(info.context.db, info.context.services.accounts, info.context.viewer, input.code)
        return await _changed(info.context)

    @mutation("Forget the authenticator app, with one of its codes: for a new phone.")
    async def totp_remove(self, info: Info, input: inputs.TotpRemoveInput) -> results.TotpRemoveResult:
        await second_factor.switch_off(info.context.db, info.context.services.accounts, info.context.viewer, input.code)
        return await _changed(info.context)

    @mutation("Keep the e-mail address that a code was mailed to. The code alone is enough.", for_anybody=True)
    async def email_verify(self, info: Info, input: inputs.EmailVerifyInput) -> results.EmailVerifyResult:
        context = info.context
        email = await emails.verify_email(context.db, context.services.accounts, context.viewer, input.code)
        return results.EmailVerified(email=email)

    @mutation("Mail a code to a new address; `emailVerify` brings it back.")
    async def email_change(self, info: Info, input: inputs.EmailChangeInput) -> results.EmailChangeResult:
        context = info.context
        email = await emails.change_email(
            context.db, context.services.accounts, context.viewer, input.email, client_key=input.client_mutation_key
        )
        return results.EmailCodeSent(email=email)

    @mutation("Take another shown name. Five times a day at most.")
    async def pseudonym_change(self, info: Info, input: inputs.PseudonymChangeInput) -> results.PseudonymChangeResult:
        context = info.context
        await profile.change_pseudonym(
            context.db, context.services.accounts, context.viewer, input.pseudonym,
            guard=name_guard(context.viewer),
        )  # fmt: skip
        return await _changed(context)

    @mutation("Choose the language of the product.")
    async def locale_change(self, info: Info, input: inputs.LocaleChangeInput) -> results.LocaleChangeResult:
        await profile.change_locale(info.context.db, info.context.viewer, input.locale)
        return await _changed(info.context)

    @mutation("Declare in which languages one can review.")
    async def review_languages_set(
        self, info: Info, input: inputs.ReviewLanguagesSetInput
    ) -> results.ReviewLanguagesSetResult:
        await profile.set_review_languages(info.context.db, info.context.viewer, input.languages)
        return await _changed(info.context)

    @mutation("Give birth year and country once, for an account from a printed card.")
    async def profile_complete(self, info: Info, input: inputs.ProfileCompleteInput) -> results.ProfileCompleteResult:
        await profile.complete_profile(
            info.context.db, info.context.viewer, birth_year=input.birth_year, country=input.country
        )
        return await _changed(info.context)

    @mutation("Leave: the account is out of every view at once and erased a day later unless that is taken back.")
    async def account_erase(self, info: Info, input: inputs.AccountEraseInput) -> results.AccountEraseResult:
        context = info.context
        keep = input.published_statements is PublishedStatements.KEEP_WITHOUT_AUTHOR
        await erasure.request_erasure(context.db, context.services.accounts, context.viewer, keep_statements=keep)
        return await _changed(context)

    @mutation("Stay after all.")
    async def account_erase_cancel(self, info: Info) -> results.AccountEraseCancelResult:
        await erasure.cancel_erasure(info.context.db, info.context.viewer)
        return await _changed(info.context)

    @mutation("A copy of everything that is held about the viewer. Ten a day at most.")
    async def account_export(self, info: Info) -> results.AccountExportResult:
        context = info.context
        copy = await erasure.export_data(context.db, context.services.accounts, context.viewer)
        return results.AccountExported(json=copy)

    @mutation("Mark notices as read.")
    async def inbox_mark_read(self, info: Info, input: inputs.InboxMarkReadInput) -> results.InboxMarkReadResult:
        count = await inbox.mark_read(info.context.db, info.context.viewer, input.up_to)
        return results.InboxMarkedRead(count=count)
