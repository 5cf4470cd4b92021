"""How each server of the comparison over HTTP is set up, for the reader of its figures: its name and a note."""

OURS = (
    "behind a socket",
    (
        "`app.handler.handler` as on Lambda, Mangum included. A loop over a socket makes an event of each"
        " request, one at a time, and little else: API Gateway does that work outside of the function."
    ),
)

XMCP = {
    "workos": (
        "@xmcp-dev/workos {version}",
        (
            "`src/middleware.ts` as the plugin's README has it. It makes a new key set for each request, so it"
            " asks for the keys each time; here they are one loopback hop away, in production as far as AuthKit"
            " is. It knows https alone, so the issuer of all these servers is behind TLS, with a certificate made"
            " for the run."
        ),
    ),
    "stand-in": (
        "keys per request",
        (
            "Middleware of this project in place of @xmcp-dev/workos {version}, which was not at hand"
            " (`XMCP_WORKOS` names the folder with its source): the same checks by the same library, a new key set"
            " for each request. It has no WorkOS client, so it starts faster than the plugin."
        ),
    ),
    "jwt": (
        "its JWT middleware",
        (
            "`jwtAuthMiddleware` as xmcp's page on JSON Web Tokens has it, algorithm, issuer and audience given,"
            " and one public key in the environment: it never fetches keys, so a rotation takes a deployment."
        ),
    ),
}

MCP_HANDLER = (
    "As its pages have it: a route of Hono {hono}, `withMcpAuth`, and a verifier that its user writes, here jose"
    " {jose} with one key set for the life of the process; algorithm, issuer and audience given. It checks no"
    " more of a token than that verifier does. It is not bundled, as xmcp's build is."
)
