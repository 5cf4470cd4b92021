"""The checks of `make doctor`, one file for each cause that keeps clients from connecting.

Checks are pure functions.
"""

from collections.abc import Callable

from infra.operator.checks.authkit import (
    check_authkit,
    check_issuer,
    check_offline_access,
    check_pkce,
    check_public_clients,
    check_registration,
    check_scopes,
)
from infra.operator.checks.browser import check_cors, check_preflight
from infra.operator.checks.challenge import check_answer, check_challenge
from infra.operator.checks.clock import check_clock
from infra.operator.checks.get import check_get
from infra.operator.checks.header import check_header
from infra.operator.checks.keys import check_keys, check_keys_from_server, check_mirror
from infra.operator.checks.metadata import (
    check_authorization_server,
    check_path_document,
    check_resource,
    check_root_document,
)
from infra.operator.checks.tls import check_tls
from infra.operator.checks.url import check_url
from infra.operator.finding import Finding
from infra.operator.observation import Observation

Check = Callable[[Observation], Finding]

DISCOVERY: tuple[Check, ...] = (
    check_url,
    check_tls,
    check_answer,
    check_challenge,
    check_header,
    check_path_document,
    check_root_document,
    check_resource,
    check_authorization_server,
    check_authkit,
    check_issuer,
)
"""In the order in which a client depends on them."""

ALL: tuple[Check, ...] = (
    *DISCOVERY,
    check_pkce,
    check_public_clients,
    check_registration,
    check_scopes,
    check_offline_access,
    check_keys,
    check_keys_from_server,
    check_mirror,
    check_get,
    check_cors,
    check_preflight,
    check_clock,
)
