"""Prontuários: records that are only ever added to, each bound to the one before by its hash."""
