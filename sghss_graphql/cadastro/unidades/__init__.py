"""Unidades of the hospital, their salas, and the kinds of appointment."""
