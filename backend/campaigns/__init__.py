"""My voice out: the course, campaigns, and statements from draft to feed."""
