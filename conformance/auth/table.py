"""Every requirement, in the order in which they are run.

The cold family comes first, as it needs a server that has not met the issuer yet; the families that withdraw
keys and end with an outage come last.
"""

from conformance.auth.checks import (
    browsers,
    challenges,
    claims,
    forgery,
    headers,
    metadata,
    open_doors,
    outage,
    scopes,
    sending,
    serving,
    signing_keys,
    times,
    transport,
)
from conformance.auth.requirement import Family, Requirement

FAMILIES: tuple[Family, ...] = (
    outage.COLD,
    challenges.FAMILY,
    metadata.FAMILY,
    serving.FAMILY,
    open_doors.FAMILY,
    sending.FAMILY,
    forgery.FAMILY,
    headers.FAMILY,
    claims.FAMILY,
    times.FAMILY,
    scopes.FAMILY,
    browsers.FAMILY,
    transport.FAMILY,
    signing_keys.FAMILY,
    outage.WARM,
)
TABLE: tuple[Requirement, ...] = tuple(row for family in FAMILIES for row in family.rows)
