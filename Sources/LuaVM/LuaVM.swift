// Begins with the next commits.
