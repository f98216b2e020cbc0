"""The audit trail: who did or saw what of whom, when, in which roles and from where. Never changed, never deleted."""
