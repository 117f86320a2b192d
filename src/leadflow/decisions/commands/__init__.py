"""Every command as a value: what somebody wants done, and what has to be read to decide on it."""
