"""The agenda of today and tomorrow, kept on each server's disk for when the database is away."""
