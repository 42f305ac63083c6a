"""The one place that says which role may do what. Domain rules add what depends on states and relations."""

from enum import StrEnum

from backend.core.errors import NotAllowed, NotFound
from backend.core.viewer import Role, Scope, Viewer


class Action(StrEnum):
    """Everything that takes a role."""

    CITY_CREATE = "CITY_CREATE"
    SCHOOL_CREATE = "SCHOOL_CREATE"
    CLASS_CREATE = "CLASS_CREATE"
    CLASS_RUN = "CLASS_RUN"  # codes, cards, seats, resets
    CLASS_VIEW = "CLASS_VIEW"  # roster and progress
    SCHOOL_VIEW = "SCHOOL_VIEW"
    CONSENT_SUBSTITUTE = "CONSENT_SUBSTITUTE"  # appointed representative for a child without reachable parents
    CAMPAIGN_RUN = "CAMPAIGN_RUN"
    PROMPT_EDIT = "PROMPT_EDIT"
    CARD_MAKE = "CARD_MAKE"
    SOCIAL_EXPORT = "SOCIAL_EXPORT"  # take statements away to post them, and take posts down
    TEACHER_KEY = "TEACHER_KEY"
    MODERATE = "MODERATE"


_ALLOWED: dict[Action, frozenset[Role]] = {
    Action.CITY_CREATE: frozenset({Role.SECRETARIAT}),
    Action.SCHOOL_CREATE: frozenset({Role.CITY_OFFICIAL, Role.SECRETARIAT}),
    Action.CLASS_CREATE: frozenset({Role.SCHOOL_ADMIN}),
    Action.CLASS_RUN: frozenset({Role.TEACHER}),
    Action.CLASS_VIEW: frozenset({Role.TEACHER, Role.SCHOOL_ADMIN}),
    Action.SCHOOL_VIEW: frozenset({Role.SCHOOL_ADMIN, Role.CITY_OFFICIAL, Role.SECRETARIAT}),
    Action.CONSENT_SUBSTITUTE: frozenset({Role.SCHOOL_ADMIN}),
    Action.CAMPAIGN_RUN: frozenset({Role.EDITOR, Role.SECRETARIAT}),
    Action.PROMPT_EDIT: frozenset({Role.EDITOR, Role.STUDENT_EDITOR, Role.SECRETARIAT}),
    Action.CARD_MAKE: frozenset({Role.EDITOR, Role.STUDENT_EDITOR, Role.SECRETARIAT}),
    Action.SOCIAL_EXPORT: frozenset({Role.EDITOR, Role.SECRETARIAT}),
    Action.TEACHER_KEY: frozenset({Role.TEACHER}),
    Action.MODERATE: frozenset({Role.MODERATOR}),
}

# Who may grant (and revoke) which role; the chain of rules.md. The grantor's own scope must cover the new one.
GRANTORS: dict[Role, frozenset[Role]] = {
    Role.CITY_OFFICIAL: frozenset({Role.SECRETARIAT}),
    Role.MODERATOR: frozenset({Role.SECRETARIAT}),
    Role.SAFEGUARDING_LEAD: frozenset({Role.SECRETARIAT}),
    Role.EDITOR: frozenset({Role.SECRETARIAT}),
    Role.CAMPAIGN_JUROR: frozenset({Role.SECRETARIAT}),
    Role.STUDENT_EDITOR: frozenset({Role.EDITOR}),
    Role.SCHOOL_ADMIN: frozenset({Role.CITY_OFFICIAL}),
    Role.TEACHER: frozenset({Role.SCHOOL_ADMIN}),
}

# Roles that see other people's data: they need a verified e-mail address and a second factor.
STAFF_ROLES = frozenset(Role) - {Role.STUDENT_EDITOR, Role.CAMPAIGN_JUROR}


def why_not(viewer: Viewer, action: Action, scope: Scope) -> str | None:
    """None when the viewer may, else why not: second_factor_missing, account_restricted or not_allowed."""
    if viewer.has_any(_ALLOWED[action], scope):
        return "account_restricted" if viewer.is_restricted else None
    return "second_factor_missing" if viewer.second_factor_missing else "not_allowed"


def can(viewer: Viewer, action: Action, scope: Scope) -> bool:
    """Whether the viewer may do this here."""
    return why_not(viewer, action, scope) is None


def require(viewer: Viewer, action: Action, scope: Scope, *, visible: bool = True) -> None:
    """Pass, or raise: Unauthenticated, NotAllowed (the viewer may see the thing), or NotFound (it is not `visible`)."""
    viewer.require_account()
    reason = why_not(viewer, action, scope)
    if reason is None:
        return
    if not visible and reason == "not_allowed":
        raise NotFound(path=("id",))
    raise NotAllowed(reason)
