"""One small room: a bearer token goes in, a Session comes out. It imports nothing else of app/.

Read in this order: bearer, verifier, token, signing_keys, claims, session; then key_snapshot, key_file and
renewal for keys from before this environment, refusals and challenge for everything that is not
accepted. Who may call what is decided in app/access.
"""
