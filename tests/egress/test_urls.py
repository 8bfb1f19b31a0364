"""The one parser: what it refuses, what it makes of the rest, and that its sentences tell no secret."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from cavendish.egress import addresses, urls
from cavendish.egress.failures import UrlRefused

TRICKY = [
    # no address at all
    "",
    "a.png",
    "/a.png",
    "//host.test/a.png",
    "host.test/a.png",
    # schemes
    "ftp://host.test/a.png",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "dict://127.0.0.1:11211/stat",
    "data:image/png;base64,iVBORw0KGgo=",
    "javascript:alert(1)",
    "ldap://127.0.0.1/",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    "blob:http://host.test/a",
    "ws://host.test/",
    "httpſ://host.test/",
    "hTTPK://host.test/",
    "http:host.test/a.png",
    "http:/host.test/a.png",
    "http:\\\\host.test\\a.png",
    "https//host.test/a.png",
    " http://host.test/a.png",
    "http ://host.test/a.png",
    "url:http://host.test/a.png",
    # no host
    "http://",
    "http:///a.png",
    "http://:80/a.png",
    "http://?a",
    "http://#a",
    "http://./",
    "http://../",
    # names and passwords
    "http://user@host.test/",
    "http://user:password@host.test/",
    "http://@host.test/",
    "http://host.test@127.0.0.1/",
    "http://127.0.0.1#@host.test@10.0.0.1/".replace("#", "%23"),
    "http://host.test:80@127.0.0.1:80/",
    "http://a@b@host.test/",
    # other notations of 127.0.0.1 and 169.254.169.254
    "http://0x7f000001/",
    "http://0X7F000001/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0177.0.0.01/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127/",
    "http://0/",
    "http://0x7f.0.0.1/",
    "http://0x7f.1/",
    "http://127.0.0.0x1/",
    "http://127.0.0.0x/",
    "http://0251.0376.0251.0376/",
    "http://0300.0250.1/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://425.510.425.510/",
    "http://127.0.0.1./",
    "http://127.0.0.1../",
    "http://127.0.0.01/",
    "http://127.0.0.001/",
    "http://127.0.0.256/",
    "http://127.0.0.1.1/",
    "http://127.0.0.-1/",
    "http://host.0x7f000001/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://127．0．0．1/",
    "http://１２７.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://%31%32%37.0.0.1/",
    "http://ⓛocalhost/",
    # IPv6
    "http://::1/",
    "http://[::1/",
    "http://::1]/",
    "http://[]/",
    "http://[::1]a/",
    "http://a[::1]/",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[::1%]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000::1]/",
    "http://[::ffff:127.0.0.1:80]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[v1.a]/",
    "http://[127.0.0.1]/",
    "http://[[::1]]/",
    "http://[::1][::2]/",
    "http://[2001:db8::0:1]/",
    # names
    "http://host.test./",
    "http://host..test/",
    "http://.host.test/",
    "http://-host.test/",
    "http://host-.test/",
    "http://ho st.test/",
    "http://host.test%00.example/",
    "http://host.test%20/",
    "http://host%2Etest/",
    "http://höst.test/",
    "http://host.test\u3002example/",
    "http://host\u00ad.test/",
    "http://host\u200b.test/",
    "http://ho,st.test/",
    "http://ho*st.test/",
    "http://ho!st.test/",
    "http://ho;st.test/",
    "http://ho'st.test/",
    "http://ho(st).test/",
    "http://$(host).test/",
    f"http://{'a' * 64}.test/",
    f"http://{'.'.join(['a' * 60] * 5)}/",
    # white space, controls, backslashes
    "http://host.test/a b.png",
    "http://host.test/a\tb.png",
    "http://host.test/a\nb.png",
    "http://host.test/a.png\n",
    "http://host.test/a.png ",
    "http://host.test/\r\nHost:%20127.0.0.1",
    "http://ho\tst.test/",
    "http://host.test\n/",
    "http://host.test\x00/",
    "http://host.test/\x7f",
    "http://host.test/\x85",
    "http://host.test/\u00a0",
    "http://host.test/\u3000",
    "http://host.test/\u2028",
    "http://host.test/\ud800",
    "http://host.test\\@127.0.0.1/",
    "http://127.0.0.1\\@host.test/",
    "http:\\\\127.0.0.1/",
    "http://host.test/..\\..",
    # ports
    "http://host.test:/",
    "http://host.test:0/",
    "http://host.test:080/",
    "http://host.test:65536/",
    "http://host.test:99999999999/",
    "http://host.test:-80/",
    "http://host.test:+80/",
    "http://host.test:8_0/",
    "http://host.test:80:80/",
    "http://host.test: 80/",
    "http://host.test:http/",
    "http://host.test:８０/",
    "http://host.test:0x50/",
    "http://127.0.0.1:80:host.test/",
]

GOOD = {
    "http://host.test": ("http", "host.test", 80, "/"),
    "https://host.test": ("https", "host.test", 443, "/"),
    "HTTPS://HOST.Test/A.png": ("https", "host.test", 443, "/A.png"),
    "http://host.test?a=1": ("http", "host.test", 80, "/?a=1"),
    "http://host.test/a.png#@127.0.0.1": ("http", "host.test", 80, "/a.png"),
    "http://host.test#@127.0.0.1/": ("http", "host.test", 80, "/"),
    "http://host.test/@127.0.0.1": ("http", "host.test", 80, "/@127.0.0.1"),
    "http://host.test?@127.0.0.1/": ("http", "host.test", 80, "/?@127.0.0.1/"),
    "http://host.test/../a//b/./c": ("http", "host.test", 80, "/../a//b/./c"),
    "http://host.test/a%20b%2Fc?x=%26": ("http", "host.test", 80, "/a%20b%2Fc?x=%26"),
    "https://host.test/s?sig=aB+/=|~{}\"<>^`'": ("https", "host.test", 443, "/s?sig=aB+/=|~{}\"<>^`'"),
    "http://host.test/Zürich.png": ("http", "host.test", 80, "/Z%C3%BCrich.png"),
    "http://host.test/🍌": ("http", "host.test", 80, "/%F0%9F%8D%8C"),
    "http://host.test:80/": ("http", "host.test", 80, "/"),
    "http://host.test:443/": ("http", "host.test", 443, "/"),
    "http://host.test:65535/": ("http", "host.test", 65535, "/"),
    "http://93.184.216.34/": ("http", "93.184.216.34", 80, "/"),
    "http://127.0.0.1:9000/": ("http", "127.0.0.1", 9000, "/"),
    "http://[2606:4700::1111]/": ("http", "2606:4700::1111", 80, "/"),
    "http://[2606:4700::AbCd]:443/a": ("http", "2606:4700::abcd", 443, "/a"),
    "http://[::1]:8080/": ("http", "::1", 8080, "/"),
    "http://xn--hst-sna.test/": ("http", "xn--hst-sna.test", 80, "/"),
    "http://r3---sn-4g5e.video.test/": ("http", "r3---sn-4g5e.video.test", 80, "/"),
    "https://my_bucket.s3.test/": ("https", "my_bucket.s3.test", 443, "/"),
    "http://minio/": ("http", "minio", 80, "/"),
    "http://127.0.0.1.test/": ("http", "127.0.0.1.test", 80, "/"),
    "http://1.test/": ("http", "1.test", 80, "/"),
    "http://0x7f.test/": ("http", "0x7f.test", 80, "/"),
    "http://0x7g/": ("http", "0x7g", 80, "/"),
    f"http://{'a' * 63}.test/": ("http", f"{'a' * 63}.test", 80, "/"),
}


@pytest.mark.parametrize("url", TRICKY)
def test_what_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        urls.parse(url)

    assert refused.value.reason


def test_the_table_of_tricky_urls_is_long_enough() -> None:
    assert len(set(TRICKY)) >= 60


@pytest.mark.parametrize("url", GOOD)
def test_good_urls_are_taken_apart(url: str) -> None:
    parsed = urls.parse(url)

    assert (parsed.scheme, parsed.host, parsed.port, parsed.target) == GOOD[url]


def test_a_url_of_2048_characters_passes_and_one_more_does_not() -> None:
    start = "http://host.test/"
    longest = start + "a" * (2048 - len(start))

    assert urls.parse(longest).host == "host.test"
    with pytest.raises(UrlRefused, match="2049 characters; at most 2048"):
        urls.parse(longest + "a")


def test_a_long_data_url_is_named_for_what_it_is() -> None:
    with pytest.raises(UrlRefused, match="has the scheme data"):
        urls.parse("data:image/png;base64," + "A" * 100_000)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://host.test/", "has the scheme ftp; give a public http(s) URL"),
        ("host.test/a.png", "is not an absolute URL; give a public http(s) URL"),
        ("http:host.test", "has no // after its scheme; give a public http(s) URL"),
        ("http://u:p@host.test/", "has a user name or password; give a URL that works without"),
        ("http://höst.test/", "has a host name outside ASCII; write it in its xn-- form"),
        ("http://127.1/", "has the host 127.1, which is no IP address; give a public http(s) URL"),
        (
            "http://[0:0:0:0:0:0:0:1]/",
            "has an IP address in an unusual form; write it as 203.0.113.7 or [2001:db8::7]",
        ),
        ("http://host.test:99999/", "has a port that is not a number from 1 to 65535"),
        ("http://host.test/a b", "contains white space, a control character or a backslash; percent-encode it"),
    ],
)
def test_the_sentence_names_the_problem_and_the_way_out(url: str, sentence: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        urls.parse(url)

    assert refused.value.reason == str(refused.value) == sentence


def checked(url: str, allow_networks: Sequence[addresses.Network] = ()) -> None:
    """As at submit."""
    urls.check_literal(urls.parse(url), allow_networks)


@pytest.mark.parametrize("url", TRICKY)
def test_no_sentence_repeats_a_query_a_path_or_a_password(url: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        checked(f"{url}?token=canary&path=/canary")

    assert "canary" not in str(refused.value)
    assert "password@" not in str(refused.value)


def test_the_representation_hides_the_query() -> None:
    assert "canary" not in repr(urls.parse("https://host.test/a?token=canary"))


def test_the_host_header_has_a_port_only_where_it_is_not_the_schemes_own() -> None:
    assert urls.parse("http://host.test:80/").authority == "host.test"
    assert urls.parse("https://host.test:80/").authority == "host.test:80"
    assert urls.parse("http://[2606:4700::1111]:8080/").authority == "[2606:4700::1111]:8080"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "0.0.0.0", "255.255.255.255"]
    + ["[::1]", "[::]", "[fd00:ec2::254]", "[fe80::1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001:db8::1]"],
)
def test_a_literal_private_address_is_refused_at_submit(host: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        checked(f"http://{host}/a.png")

    assert "is not a public address; give a public http(s) URL" in refused.value.reason
    assert "ask your operator to allow its network" in refused.value.reason


@pytest.mark.parametrize(
    "url", ["http://host.test/", "https://localhost/", "http://8.8.8.8/", "https://[2606:4700::1]/"]
)
def test_names_and_public_addresses_pass_at_submit(url: str) -> None:
    checked(url)


def test_an_odd_port_is_refused_at_submit_unless_a_network_could_allow_it() -> None:
    loopback = (ip_network("127.0.0.0/8"),)

    with pytest.raises(UrlRefused, match="has the port 8080"):
        checked("http://host.test:8080/")
    with pytest.raises(UrlRefused, match="8080"):
        checked("http://8.8.8.8:8080/", loopback)
    checked("http://host.test:8080/", loopback)
    checked("http://127.0.0.1:8080/", loopback)


@pytest.mark.parametrize(
    ("reference", "host", "target"),
    [
        ("b.png", "host.test", "/x/b.png"),
        ("/b.png", "host.test", "/b.png"),
        ("../b.png", "host.test", "/x/../b.png"),
        ("/b.png#c", "host.test", "/b.png"),
        ("ü.png", "host.test", "/x/%C3%BC.png"),
        ("?b", "host.test", "/x/a.png?b"),
        ("//other.test/b.png", "other.test", "/b.png"),
        ("https://other.test/b.png", "other.test", "/b.png"),
        ("@10.0.0.1/", "host.test", "/x/@10.0.0.1/"),
        (":80@10.0.0.1/", "host.test", "/x/:80@10.0.0.1/"),
        ("//10.0.0.1", "10.0.0.1", "/"),
        ("", "host.test", "/x/a.png?q"),
    ],
)
def test_a_redirect_goes_through_the_same_parser(reference: str, host: str, target: str) -> None:
    joined = urls.join(urls.parse("http://host.test/x/a.png?q#f"), reference)

    assert (joined.host, joined.target) == (host, target)


@pytest.mark.parametrize(
    "reference",
    ["\thttp://10.0.0.1/", "/a b", "/a\\b", "\\\\10.0.0.1\\a", "http://a@b/", "http:b.png", "file:///etc/passwd"]
    + ["//127.1/", "///a", "////10.0.0.1/", "//[::1", "//a@b/", "//０/", "/" + "a" * 2048],
)
def test_a_redirect_is_refused_like_a_first_url(reference: str) -> None:
    with pytest.raises(UrlRefused):
        urls.join(urls.parse("http://host.test/"), reference)
