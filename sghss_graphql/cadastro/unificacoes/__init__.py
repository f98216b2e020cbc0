"""Unificações: registrations that turned out to be of one person."""
