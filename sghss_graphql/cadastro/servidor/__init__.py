"""Servidor: what anyone may know of the server before they log in."""
