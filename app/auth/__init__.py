"""The room that decides who is calling: a bearer token goes in, a Session comes out.

Read the files in this order:

1. bearer: the Authorization header becomes a token.
2. verifier: the rules of a token, in the order in which they are decided.
3. token: the form, the header and the signature. Before the signature is checked, signing_keys finds the key.
4. signing_keys, with jwk_set and fetch: AuthKit's keys, their age and outages; key_snapshot: keys from before this
   environment.
5. claims, with session: the verified payload becomes the Session that tools receive.
6. api_keys: the other kind of bearer token, about which WorkOS is asked.
7. refusals and challenge: every way to turn a request away, and its HTTP answer.

urls has the form of origins, which settings use too. Who may call what is decided in app/access.
"""
