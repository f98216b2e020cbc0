"""Profissionais: who attends, and in what."""
