"""The only SQL of the campaigns domain, one module for each kind of row."""
