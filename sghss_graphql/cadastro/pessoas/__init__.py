"""Pessoas: whoever the hospital knows, once."""
