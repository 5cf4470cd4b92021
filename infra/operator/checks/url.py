"""Check the URL itself: https, and BASE_URL followed by /mcp, without a stage or an extra slash."""

from infra.operator.address import Address
from infra.operator.finding import Finding, failed, passed, warned
from infra.operator.observation import Observation
from infra.operator.web import may_send_secrets

CHECK = "url"


def check_url(seen: Observation) -> Finding:
    address = seen.address
    if not may_send_secrets(address.url):
        return failed(CHECK, "plain http: tokens would travel in the clear", f"use https://{_host(seen)}/mcp")
    if not is_mcp_path(address):
        return _wrong_path(seen)
    if address.url != address.resource:
        return warned(
            CHECK,
            f"{address.url} is not written as the resource indicator is",
            f"give clients {address.resource}, byte for byte",
        )
    return passed(CHECK, address.url)


def is_mcp_path(address: Address) -> bool:
    return address.path.rstrip("/") == "/mcp"


def _wrong_path(seen: Observation) -> Finding:
    address = seen.address
    before, _, last = address.path.rstrip("/").rpartition("/")
    if last == "mcp":
        return failed(
            CHECK,
            f"{before} stands before /mcp: an API Gateway stage or a base path. Clients look for "
            f"{address.path_document}, which is outside of it",
            "deploy to the $default stage, or map a custom domain with an empty base path; "
            f"then use {address.resource}",
        )
    return failed(CHECK, f"the path is {address.path or 'empty'}, not /mcp", f"use {address.resource}")


def _host(seen: Observation) -> str:
    return seen.address.origin.partition("://")[2]
