"""Lead management as a library."""
