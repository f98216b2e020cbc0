"""Whose turn it is to do what the hospital does by itself, among all processes that could."""
