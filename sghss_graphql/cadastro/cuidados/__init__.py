"""Cuidados: which pacientes a profissional has in care, from where, and until when."""
