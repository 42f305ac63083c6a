"""What every domain stands on: database, errors, clock, ids, viewer, policy, audit, jobs, paging, limits, locale."""
