"""Who may do what, and what was done: permission and the trail."""
