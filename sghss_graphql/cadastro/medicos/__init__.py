"""Médicos: who attends, and in what."""
