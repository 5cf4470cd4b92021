"""A stand-in for WorkOS Pipes: what users connect, WorkOS' pages for it, and the providers with theirs."""
