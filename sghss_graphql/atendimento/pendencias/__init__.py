"""What a change elsewhere leaves to be looked at: consultas that can't be, or whose people are gone."""
