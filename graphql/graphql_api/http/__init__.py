"""GraphQL over HTTP as the specification of that name says: negotiation, status codes and bodies."""
