"""Whose address is believed: the connection's, unless it is a declared proxy's."""

import pytest

from sghss_graphql.machinery.web.origin import Origins

PROXY, OUTER = "10.0.0.1", "10.0.0.2"


@pytest.mark.parametrize(
    ("named", "client", "written", "address"),
    [
        ("x-forwarded-for", "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("x-forwarded-for", PROXY, None, PROXY),
        ("x-forwarded-for", PROXY, "1.2.3.4", "1.2.3.4"),
        ("x-forwarded-for", PROXY, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("x-forwarded-for", PROXY, f"6.6.6.6, 1.2.3.4, {OUTER}", "1.2.3.4"),
        ("x-forwarded-for", PROXY, f"{OUTER}", OUTER),
        ("x-forwarded-for", PROXY, "1.2.3.4:5678", "1.2.3.4"),
        ("x-forwarded-for", PROXY, "[2001:db8::1]:443", "2001:db8::1"),
        ("x-forwarded-for", PROXY, "unknown", PROXY),
        ("x-forwarded-for", PROXY, "6.6.6.6, unknown", PROXY),
        ("x-forwarded-for", PROXY, f"6.6.6.6, unknown, {OUTER}", OUTER),
        ("x-forwarded-for", PROXY, "1.2.3.4, ,", "1.2.3.4"),
        ("x-forwarded-for", None, "1.2.3.4", "1.2.3.4"),
        ("forwarded", PROXY, "for=1.2.3.4", "1.2.3.4"),
        ("forwarded", PROXY, 'for=6.6.6.6, For="[2001:db8::1]:443";proto=https;by=10.0.0.2', "2001:db8::1"),
        ("forwarded", PROXY, "for=_oculto", PROXY),
        ("forwarded", PROXY, "for=6.6.6.6, for=_oculto", PROXY),
        ("forwarded", PROXY, "for=6.6.6.6, proto=https;by=10.0.0.2", PROXY),
    ],
)
def test_the_first_address_from_the_right_that_is_no_proxys(named, client, written, address) -> None:
    headers = {} if written is None else {named.encode(): written.encode()}
    assert Origins(["10.0.0.0/8"], named).address((client, 1) if client else None, headers) == address


def test_nobody_is_believed_unless_declared(caplog: pytest.LogCaptureFixture) -> None:
    origins = Origins()
    for _ in range(3):
        assert origins.address(("127.0.0.1", 1), {b"x-forwarded-for": b"1.2.3.4"}) == "127.0.0.1"
    assert caplog.text.count("SGHSS_TRUSTED_PROXIES") == 1
