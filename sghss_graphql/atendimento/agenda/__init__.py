"""The agenda of each médico: working hours, blocks, free hours, occupied cells."""
