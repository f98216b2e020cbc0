"""Códigos: handed out at the desk, they set a password once."""
