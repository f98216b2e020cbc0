"""What is known of the patient's health: the records."""
