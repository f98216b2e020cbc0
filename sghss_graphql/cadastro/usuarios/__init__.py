"""People who log in: sessions, passwords, one-time codes, staff."""
