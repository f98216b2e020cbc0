"""HTTP around the engine: the GraphQL endpoint, health, headers. Knows no hospital."""
