"""Tokens whose header says how they want to be verified, or what they are."""

from cryptography.hazmat.primitives import hashes

from conformance.auth.checks.refusing import Make, by_stranger, lacks_control, refuses
from conformance.auth.checks.specs import TOKENS
from conformance.auth.issuer import STRANGERS_KEYS, Issuer
from conformance.auth.jose import base64url, compact, public_jwk, public_pem
from conformance.auth.requirement import Family, Level, Requirement, Result, failed, judged
from conformance.auth.server import Server


def under_key_id(key_id: object) -> Make:
    return lambda issuer: issuer.token({"kid": key_id})


def other_algorithm(issuer: Issuer) -> str:
    header = {"alg": "RS384", "kid": issuer.key_id}
    return compact(header, issuer.claims(), issuer.key, hashes.SHA384())


async def own_key(server: Server, issuer: Issuer) -> Result:
    jwk = public_jwk(issuer.key_id, issuer.stranger)
    return await refuses(
        jwk=by_stranger(jwk=jwk),
        jwk_without_kid=by_stranger(jwk=jwk, kid="stranger"),
        x5c=by_stranger(x5c=[base64url(public_pem(issuer.stranger))]),
    )(server, issuer)


async def own_key_set(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    url = issuer.url + STRANGERS_KEYS
    for header in ({"jku": url}, {"jku": url, "kid": "stranger"}, {"x5u": url}):
        answer = await server.exchange(by_stranger(**header)(issuer))
        if answer.status != 401:
            return failed(f"{next(iter(header))}: {answer.told}")
    return judged(STRANGERS_KEYS not in issuer.asked, f"401, {issuer.asked.count(STRANGERS_KEYS)} fetches of it")


_UNTRUSTED = f"{TOKENS}; RFC 8725 s. 3.10"
_SQL, _PATH = "x' UNION SELECT 'key", "../../../../../../dev/null"
FAMILY = Family(
    "Headers that ask for special treatment, each answered 401",
    (
        Requirement(
            "header-key-id",
            "A key id that is a path, a query, an address or no string",
            Level.MUST,
            _UNTRUSTED,
            refuses(
                path=under_key_id(_PATH),
                query=under_key_id(_SQL),
                address=under_key_id("http://127.0.0.1:1/key"),
                object=under_key_id({"$ne": ""}),
                list=under_key_id(["key_1"]),
                number=under_key_id(1),
            ),
        ),
        Requirement(
            "header-own-key", "A key that the token brings along (`jwk`, `x5c`)", Level.MUST, _UNTRUSTED, own_key
        ),
        Requirement(
            "header-own-key-set",
            "A key set that the token points at (`jku`, `x5u`), which is not fetched either",
            Level.MUST,
            _UNTRUSTED,
            own_key_set,
        ),
        Requirement(
            "header-critical",
            "A `crit` header that nobody here understands",
            Level.MUST,
            "RFC 7515 s. 4.1.11",
            refuses(crit=lambda issuer: issuer.token({"crit": ["x-limit"], "x-limit": 1})),
        ),
        Requirement(
            "header-algorithm",
            "Another algorithm than the one that the issuer's key names",
            Level.SHOULD,
            "RFC 8725 s. 3.1",
            refuses(RS384=other_algorithm),
        ),
        Requirement(
            "header-type",
            "A `typ` that names another kind of JWT, such as `logout+jwt`",
            Level.SHOULD,
            "RFC 9068 s. 4; RFC 8725 s. 3.11",
            refuses(logout=lambda issuer: issuer.token({"typ": "logout+jwt"})),
        ),
    ),
)
