"""A hospital's API server: pacientes, consultas and prontuários over GraphQL."""
