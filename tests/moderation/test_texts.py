"""Everything that moderation tells people has a sentence in every language."""

import pytest

from backend.core.locale import LOCALES
from graphql_api.messages import load, message
from graphql_api.moderation.texts import reason_text, redress_text
from moderation.appeal_rules import AppealState
from moderation.rules import Reason
from moderation.telling import TO_AUTHOR

KINDS = {
    *TO_AUTHOR.values(),
    *(f"{whose}appeal_{state.lower()}" for state in AppealState if state is not AppealState.FILED
      for whose in ("", "guardian_")), "guardian_appealed",
    "moderation_hidden_for_now", "report_kept", "report_acted_on", "report_withdrawn", "report_reconsidered",
}  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
def test_notices_have_a_sentence(locale: str) -> None:
    missing = {kind for kind in KINDS if f"notice.{kind}" not in load(locale).entries}
    assert not missing
    assert len({message(locale, f"notice.{kind}", {}) for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("locale", LOCALES)
def test_reasons_and_redress_are_written(locale: str) -> None:
    texts = [reason_text(reason, locale) for reason in Reason]
    assert len({one.title for one in texts}) == len({one.text for one in texts}) == len(Reason)
    assert redress_text(locale) not in {"", message(locale, "not_possible", {})}
