"""SQL of the proposals, by what it is for."""
