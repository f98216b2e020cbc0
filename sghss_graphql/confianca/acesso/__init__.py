"""Who asks, and what they may: tokens, passwords, sessions, the permission table and its checks."""
