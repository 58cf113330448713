"""What an operator runs beside the server: backup, restore and checks."""
