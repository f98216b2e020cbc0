"""The demo hospital: believable people, agendas and records, the same for the same day."""
