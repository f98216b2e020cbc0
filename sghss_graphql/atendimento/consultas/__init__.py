"""Consultas: booking, moving, and what becomes of them."""
