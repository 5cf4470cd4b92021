"""What the process is to the server: events, the loop and its threads, the log, secrets, and SnapStart."""
