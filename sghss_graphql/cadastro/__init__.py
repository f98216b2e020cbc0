"""Who the hospital knows: pacientes, profissionais, and those who log in."""
