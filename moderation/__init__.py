"""Cases, keys, decisions, reports and appeals. Knows subjects by kind and id, never what they are."""
