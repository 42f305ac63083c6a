"""Topics that students propose: looked at by a moderator, supported by others, answered by an editor within a time."""
