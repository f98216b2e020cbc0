"""The hospital's day: agendas and consultas."""
