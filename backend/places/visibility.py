"""Which places and people in them a viewer may see."""

from backend.core import policy
from backend.core.policy import Action
from backend.core.viewer import Scope, Viewer


def can_see_class(viewer: Viewer, scope: Scope) -> bool:
    """Its teachers, its school's, city's and the network's staff, and whoever sits in it."""
    return (
        policy.can(viewer, Action.CLASS_VIEW, scope)
        or policy.can(viewer, Action.SCHOOL_VIEW, scope)
        or any(seat.class_id == scope.class_id for seat in viewer.seats)
    )


def can_see_roster(viewer: Viewer, scope: Scope) -> bool:
    """Who sits in a class: its teachers and the school's administration."""
    return policy.can(viewer, Action.CLASS_VIEW, scope)


def can_see_code(viewer: Viewer, scope: Scope) -> bool:
    """The class code: its teachers."""
    return policy.can(viewer, Action.CLASS_RUN, scope)
