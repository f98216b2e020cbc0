"""Pacientes: their registration, and finding them."""
