"""Which tokens each server accepts: the status that it answers, over HTTP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.https_issuer import HttpsIssuer
from bench.node_requests import call, without_token
from bench.node_servers import Server
from bench.subject import MODERN, Figure
from tests.issuer import ABSENT, CLIENT_ID, RESOURCE, stranger

TABLE = "Over HTTP: the status for each token"
HOUR = 3600
OTHER = "https://other.example.com/mcp"


def acceptance(issuer: HttpsIssuer, compared: Sequence[Server]) -> Iterator[Figure]:
    """A row for each token and server; its audience is the server's own, if nothing else is said."""
    for server in compared:
        with server.running() as running:
            yield _row("none", server, without_token(MODERN).first(running).status)
            for what, token in _tokens(issuer, server.audience).items():
                yield _row(what, server, call(MODERN, token).sent(running.connection).status)
            right = call(MODERN, issuer.token(aud=server.audience))
            with _outage(issuer):
                yield _row("right, while the keys are out of reach", server, right.sent(running.connection).status)
        with _outage(issuer), server.running() as running:
            yield _row("right, keys out of reach from the start", server, right.first(running).status)


def _tokens(issuer: HttpsIssuer, audience: str) -> dict[str, str]:
    def token(**changes: object) -> str:
        return issuer.token(**{"aud": audience, **changes})

    now = int(issuer.issuer.clock.now)
    by_stranger = issuer.issuer.sign(issuer.issuer.claims(aud=audience), key=stranger())
    return {
        "right": token(),
        "for the endpoint's URL (resource indicator)": token(aud=RESOURCE),
        "for the client id alone": token(aud=CLIENT_ID),
        "for another server": token(aud=OTHER),
        "of no audience": token(aud=ABSENT),
        "of another issuer": token(iss="https://other.authkit.app"),
        "signed with a key that the issuer does not list": by_stranger,
        "expired ten seconds ago": token(exp=now - 10),
        "expired two minutes ago": token(exp=now - 120),
        "that never expires": token(exp=ABSENT),
        "not valid for another hour": token(nbf=now + HOUR),
        "without jti, as ID tokens are": token(jti=ABSENT),
        "without sid": token(sid=ABSENT),
    }


@contextmanager
def _outage(issuer: HttpsIssuer) -> Iterator[None]:
    issuer.issuer.down = True
    try:
        yield
    finally:
        issuer.issuer.down = False


def _row(what: str, server: Server, status: int) -> Figure:
    return Figure(TABLE, what, server.key, "", status, status, status)
