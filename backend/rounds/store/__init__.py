"""The SQL of the rounds, a module for each thing that is kept."""
