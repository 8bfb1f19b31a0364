"""What is known of a figure besides its words, as data: its kind, its home, its colours, what it tells of the place.

Keys are code points of a drawing, or `!` and the name of one of our own figures.
"""

from __future__ import annotations

from cavendish_sketch.language.brief import Kind
from cavendish_sketch.language.wordlists import each

# What a drawing says about the place when Unicode's words lead to it: most of these are no subjects.
SIGNS: dict[str, str] = {
    "1f305": "time:dawn ground:sea",
    "1f304": "time:dawn ground:alps trait:mountains",
    "1f307": "time:sunset scene:city",
    "1f306": "time:dusk scene:city",
    "1f303": "time:night scene:city",
    "1f3d9": "scene:city",
    "26f0": "ground:alps trait:mountains",
    "1f3d4": "ground:alps trait:mountains trait:snowy",
    "1f5fb": "ground:alps trait:mountains trait:fuji",
    "1f30b": "ground:alps trait:mountains trait:volcano",
    "1f3dc": "ground:dunes",
    "1f3dd": "ground:islands",
    "1f3d6": "ground:beach",
    "1f30a": "ground:sea trait:waves",
    "1f3de": "trait:forest",
    "1f3d8": "trait:village",
    "1f30c": "scene:space",
    "1f338": "trait:cherry weather:petals",
    "1f327": "weather:rain",
    "1f328": "weather:snow",
    "2744": "weather:snow ground:snow",
    "1f32b": "weather:fog",
    "1f301": "weather:fog",
    "26c8": "time:storm weather:lightning weather:rain",
    "1f329": "time:storm weather:lightning",
    "2601": "weather:clouds",
    "26c5": "weather:clouds",
    "2600": "time:day trait:sun",
    "1f319": "time:night trait:moon",
    "1f315": "time:night trait:moon",
    "2b50": "time:night weather:stars",
    "1f31f": "time:night weather:stars",
    "1f386": "time:night trait:fireworks",
}
# Our own figures are nicer than these drawings, or are what a scene knows how to place.
INSTEAD: dict[str, str] = {
    "1f3f0": "!castle",
    "1f309": "!bridge",
    "1f5fc": "!tower",
    "1f6fb": "!pickup",
    "1f3ee": "!lantern",
    "1f38f": "!koi",
    "1fa90": "!planet",
    "1f333": "!tree",
    "1f916": "!robot",
    "1f436": "1f415",
    "1f431": "1f408",
    "1f42f": "1f405",
    "1f434": "1f40e",
    "1f42d": "1f401",
    "1f430": "1f407",
    "1f435": "1f412",
    "1f437": "1f416",
    "1f42e": "1f404",
    "1f432": "1f409",
}
# The face of an animal whose other drawing shows all of it: for portraits.
FACES: dict[str, str] = {body: face for face, body in INSTEAD.items() if not body.startswith("!")}
BODILESS = frozenset(each("1f47b 1f47d"))  # ghost and alien float as they are
FACE_ONLY = each("1f43a 1f98a 1f981 1f43b 1f43b-200d-2744 1f428 1f43c 1f439 1f438 1f984 1face 1f47b 1f47d")

# Where a thing is at home when a prompt names no place.
HOMES: dict[str, str] = {
    **dict.fromkeys(each("1f42a 1f42b 1f335 1f982"), "ground:dunes"),
    **dict.fromkeys(each("1f427 1f43b-200d-2744 1f9ad 26c4 1f6f7 1f3bf 26f7 1f3c2 1f9a3"), "ground:snow"),
    **dict.fromkeys(each("1f334 1f26f1 1f459 1f3d6 1f980 26f1 1f41a"), "ground:beach"),
    **dict.fromkeys(each("26f5 1f6a2 1f6f6 1f6a4 26f4 1f6f3 1f6e5 !lighthouse 2693"), "ground:sea"),
    **dict.fromkeys(each("1f410 1f985 1f999 1f3d5"), "ground:alps"),
    "!koi": "scene:pond",
    "!pagoda": "scene:garden",
    "26e9": "scene:garden",
    "!planet": "scene:space",
    **dict.fromkeys(each("1f680 1f6f8 1f6f0 2604"), "scene:space"),
    **dict.fromkeys(
        each("1f41f 1f420 1f421 1f988 1f40b 1f433 1f42c 1f419 1fabc 1fab8 1f991 1facd 1f9dc-200d-2640"),
        "scene:underwater",
    ),
    **dict.fromkeys(each("1f6cb 1f6cf 1fa91 1f6c1 1fa9f 1f6bf 1f6bd 1fa9e"), "scene:interior"),
}

# Colours that a thing has by itself, keys of `colour_words.COLOURS` by their first English name: no need to paint it.
NATURAL: dict[str, str] = {
    "red": "1f98a 1f339 1f34e 1f353 1f352 1f345 1f980 1f99e 2764 1f692 1f697 1f3cd 1f336 !lantern 26e9 1f41e 1f525 "
    "1f344 1f680",
    "orange": "1f408 1f98a 1f405 1f420 1f9a7 1f955 1f34a 1f383 1f341 1f42a 1f525 !koi 1f98b-",
    "yellow": "1f68c 1f34b 1f34c 1f33b 1f424 1f41d 1f695 1f981 2b50 1f33d 1f415 1f408 1f6f5",
    "gold": "1f415 1f451 1fa99 1f514 1f3c6 1f48d 1f981 1f511 2b50",
    "green": "1f438 1f40a 1f422 1f40d 1f409 1f951 1f335 1f340 1f966 1f996 1f995 1f98e 1f333 !tree 1f332 1f33f 1f99c "
    "1f375 1fab4",
    "blue": "1f426 1f40b 1f433 1f42c 1f98b 1f41f 1fad0 1fabc 1f456 1f45f 1f457 1f6b2 1f99a 1f30d 1f9e2",
    "pink": "1f9a9 1f416 1f338 1f337 1fab7 1f437 1f458 1f991 1f382",
    "purple": "1f347 1f346 1fabb",
    "brown": "1f36a 1f382 1f370 1f369 1f368 1f366 1f43b 1f40e 1f98c 1f412 1f9ab 1f989 1f43f 1f417 1f402 1f994 1f36b "
    "1f415 1f6f6 1f9f8 1f95c",
    "white": "1f9a2 1f43b-200d-2744 1f411 1f54a 1f429 1f407 1f47b 1fabf 26c4 1f95b 1f480",
    "black": "1f408-200d-2b1b 1f426-200d-2b1b 1f3a9 1facd 1f43c 1f427 1f577 1f987 1f41c",
    "gray": "1f43a 1f418 1f428 1f401 1f400 1f988 1f98f 1f99d 1faa8 1f98d !pickup",
    "silver": "!pickup !robot 1f944 1f374 2694",
}

# Unicode's subgroups, and what they are; a drawing of a group that is not here has the kind of its group.
KINDS: dict[int, Kind] = {
    **dict.fromkeys((10, 11, 26, 28, 34, 35, 36, 37, 39), "animal"),
    38: "sea",
    **dict.fromkeys((40, 41), "plant"),
    **dict.fromkeys(range(42, 48), "food"),
    **dict.fromkeys((51, 52, 53), "building"),
    **dict.fromkeys((54, 55), "vehicle"),
    **dict.fromkeys((56, 59), "sky"),
}
KIND_OF: dict[str, Kind] = {
    **dict.fromkeys(
        each(
            "1f43e 1fab6 1fabd 1fab9 1faba 1f578 1f9f1 1faa8 1fab5 1f3a0 1f488 2668 1f68f 1f6e3 1f6e4 1f6e2 26fd "
            "1f6de 1f6a8 1f6a5 1f6a6 1f6d1 1f6a7 2693 1f6df 1f4ba 1f6ce 1f321 1f302 2602 2614 26f1 26c4 2603 "
            "1f525 1f4a7 2744 1f480 1f43d 1f9fd 1f4ae 1f3f5 1f9a0 1f32c 1f6d8"
        ),
        "object",
    ),
    **dict.fromkeys(each("1f388 1fa81 1f387 1f386 1f30d 1f30e 1f30f !balloon !flying_car !planet"), "sky"),
    **dict.fromkeys(each("1f9dc-200d-2640 !koi"), "sea"),
    **dict.fromkeys(each("1f384 !tree"), "plant"),
    **dict.fromkeys(each("1f6d6 26fa 1f3d5 1f3aa"), "building"),
    **dict.fromkeys(each("!bridge !castle !lighthouse !pagoda !tower !windmill"), "building"),
    **dict.fromkeys(each("!bottle !lantern !robot"), "object"),
    "!pickup": "vehicle",
    "!person": "person",
}
