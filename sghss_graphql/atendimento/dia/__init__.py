"""Days of agendas: what is taken, free and blocked, in order, where it is."""
