"""What can be asked with one tap: buttons under an answer, and beside Ask for what is in the box."""
