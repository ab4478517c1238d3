import pytest

from digest.audience.limits import COUNTED, IN_TOTAL, OF_AN_ADDRESS, network_of


def test_no_limit_counts_what_has_been_forgotten_by_then() -> None:
    assert all(limit.within <= COUNTED for limit in (*OF_AN_ADDRESS.values(), IN_TOTAL))


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("203.0.113.255", "203.0.113.0/24"),
        ("203.0.114.7", "203.0.114.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("2001:db8:1:ffff:ffff:ffff:ffff:ffff", "2001:db8:1::/48"),
        ("2001:db8:2::1", "2001:db8:2::/48"),
    ],
)
def test_addresses_that_one_customer_may_have_are_one_network(ip: str, network: str) -> None:
    assert network_of(ip) == network


def test_an_ipv4_address_that_came_in_an_ipv6_one_is_of_its_own_network() -> None:
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7")


def test_the_zone_of_a_link_does_not_make_another_network() -> None:
    assert network_of("fe80::1%eth0") == network_of("fe80::1%eth1") == "fe80::/48"


@pytest.mark.parametrize("host", ["", "testclient", "/run/digest.sock", "unix:", "203.0.113.7:4711", "203.0.113.007"])
def test_a_host_that_is_no_ip_address_is_a_network_of_its_own(host: str) -> None:
    assert network_of(host) == host
