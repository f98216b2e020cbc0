"""Finding a free time, across profissionais."""
