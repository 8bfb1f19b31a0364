"""Nothing but pictures comes out of /generations/, however the path is written; sent raw, as no library would."""

from __future__ import annotations

import pytest
import wire

from harness.served_app import ServedApp

UP = ["..", "%2e%2e", "%2E%2e", ".%2e", "%252e%252e", "..%00", "..;", "%c0%ae%c0%ae", "．．", "..%5c", "....", "\\.."]
SLASH = ["/", "%2f", "%2F", "%252f", "\\", "%5c", "%c0%af", "//"]
TARGETS = ["storage-id", "etc/passwd", "cavendish.toml"]


@pytest.mark.parametrize("up", UP)
def test_no_way_up_leads_anywhere(server: ServedApp, up: str) -> None:
    for slash in SLASH:
        for target in TARGETS:
            for depth in (1, 2, 8):
                path = f"/generations/{(up + slash) * depth}{target}"
                request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

                heard = wire.talk(server.port, request.encode())

                assert heard.statuses in ([404], [400]), path
                assert b"root:" not in heard.data


@pytest.mark.parametrize(
    "path",
    [
        "/generations/" + "a" * 10_000,
        "/generations//etc/passwd",
        "/generations/%00",
        "/generations/%",
        "/generations/%zz",
        "/generations/?file=../storage-id",
        "/generations/" + "0" * 32 + "-1.png%00",
        "/generations/" + "0" * 32 + "-1.png/..",
        "/generations/.git/config",
        "/.env",
        "/storage/storage-id",
        "//generations/x",
        "//generations/../healthz",
        "/generations/../healthz/",
        "/./healthz",
        "//./healthz/",
        "/healthz/.",
        "/healthz/x/../",
        "/generations/..%2f" + "..%2f" * 500 + "etc/passwd",
    ],
)
def test_no_odd_path_leads_anywhere(server: ServedApp, path: str) -> None:
    heard = wire.talk(server.port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert heard.statuses in ([404], [400])
