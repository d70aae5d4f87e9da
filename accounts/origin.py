"""Where the present request comes from, for the audit trail. Empty in workers and commands."""

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


@dataclass(frozen=True)
class Origin:
    address: str | None = None
    request_id: str = ""


current: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - immutable


def unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address of IPv4 that a socket of both kinds tells as one of IPv6 (::ffff:…, RFC 4291)."""
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def network(address: str | None) -> str | None:
    """Whose line it is: of IPv6 the network of 64 bits, for within it a subscriber changes
    addresses at will (RFC 6177, RFC 8981)."""
    if address is None or not isinstance(unmapped(ip_address(address)), IPv6Address):
        return address
    return str(ip_network((address, 64), strict=False).network_address)
