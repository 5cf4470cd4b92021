"""WorkOS on behalf of a caller: the SDK's client, its transport, the caller's organisation, and its answers."""
