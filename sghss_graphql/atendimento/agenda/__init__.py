"""The agenda of each profissional: working hours, blocks, free hours, occupied cells."""
