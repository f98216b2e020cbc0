"""Mutations that come twice: what is asked for under an Idempotency-Key has one effect."""
