"""Who the hospital knows: pacientes, médicos, and those who log in."""
