"""Home page of each role: what to do, what is late, the open round, and what comes next."""
