"""Media: what a picture looks like painted, drawn or printed.

Each medium works at a fixed size and is enlarged, so that brush marks keep their place in the picture at every quality;
paper and grain are added at the final size.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from cavendish.engines.sketch.field import Dice, Grid, Plane, blurred, ease, resized

WORK_PIXELS = 1_300_000
TILE = 512
POSTER_INKS = ((24, 38, 72), (196, 52, 54), (238, 150, 84), (122, 172, 178), (250, 236, 204))
POSTER_STEPS = (0.24, 0.42, 0.58, 0.76)
PIXELS_ACROSS = 176  # of the geometric mean of both sides
PIXEL_COLOURS = 28


def watercolour(image: Image.Image, dice: Dice) -> Image.Image:
    """Flat washes with wandering borders, darker where pigment dries at the edge, on rough paper."""
    small = _small(image)
    grid = Grid.of(*small.size)
    wash = _wandering(_flattened(_flattened(small, 0.007), 0.004), grid, dice, 0.004)
    light = _float(ImageEnhance.Color(wash).enhance(1.30))
    light = 0.10 + 0.90 * light**0.82
    edges = np.clip(_steepness(light.mean(-1), 0.0016 * grid.unit) * 2.6, 0, 1)[..., None]
    flow = grid.clouds(dice, 0.10, 3)[..., None]
    density = 1 - light.mean(-1, keepdims=True)
    light = light ** (1 + 0.45 * edges) * (1 - 0.10 * flow * (0.25 + density))
    paper = np.array([0.985, 0.972, 0.945], np.float32)
    cover = _ragged(grid, dice)[..., None]
    light = paper * (1 - cover) + np.clip(light, 0, 1) * (0.94 + 0.06 * paper) * cover
    return textured(_enlarged(light, image.size), paper_relief(dice), 0.05)


def oil(image: Image.Image, dice: Dice) -> Image.Image:
    """Strokes along the forms, lit from the upper left where the paint stands up."""
    small = _small(image)
    grid = Grid.of(*small.size)
    light = _float(_flattened(small, 0.006))
    down, across = _directions(light.mean(-1), grid, dice)
    noise = dice.uniforms(grid.rows, grid.columns)
    reach = max(4, round(0.008 * grid.unit))
    paint, bristles = np.zeros_like(light), np.zeros_like(noise)
    for step in range(-reach, reach + 1, 2):
        rows, columns = _moved(grid, down * step, across * step)
        paint += light[rows, columns]
        bristles += noise[rows, columns]
    paint, bristles = paint / (reach + 1), blurred(bristles / (reach + 1), 0.8)
    slope_down, slope_across = np.gradient(bristles + 0.15 * paint.mean(-1))
    relief = np.clip((slope_down + slope_across) * -1.5, -0.12, 0.12)[..., None]
    middle = paint.mean(-1, keepdims=True)
    return _enlarged(middle + (paint - middle) * 1.32 + relief, image.size)


def pencil(image: Image.Image, dice: Dice) -> Image.Image:
    """Graphite: contours by dodging, tones by hatching that follows one hand."""
    small = ImageOps.grayscale(_small(image))
    drawing = _graphite(small, dice)
    paper = np.array([0.975, 0.968, 0.950], np.float32)
    lead = np.array([0.15, 0.15, 0.17], np.float32)
    light = lead + (paper - lead) * drawing[..., None]
    return textured(_enlarged(light, image.size), paper_relief(dice), 0.06)


def crayon(image: Image.Image, dice: Dice) -> Image.Image:
    """Coloured pencils: the same strokes, each in the colour of what lies under it, on a paper that shows through."""
    small = _small(image)
    drawing = _graphite(ImageOps.grayscale(small), dice)[..., None]
    tone = _float(ImageEnhance.Color(_flattened(small, 0.004)).enhance(1.65))
    paper = np.array([0.98, 0.972, 0.955], np.float32)
    strokes = _hatching(Grid.of(*small.size), dice, 0.7)[..., None]
    cover = np.clip(1.02 - 0.95 * strokes * (0.35 + 0.65 * tone.mean(-1, keepdims=True)), 0, 1)
    light = (paper + (tone - paper) * cover) * (0.35 + 0.65 * drawing)
    return textured(_enlarged(light, image.size), paper_relief(dice), 0.06)


def ink(image: Image.Image, dice: Dice) -> Image.Image:
    """Pen lines, and hatching in two directions where it is dark, on ivory paper."""
    small = ImageOps.autocontrast(ImageOps.grayscale(_small(image)), cutoff=1)
    grid = Grid.of(*small.size)
    tone = blurred(np.asarray(small, np.float32) / 255, 0.0015 * grid.unit)
    lines = _contours(tone, 0.0012 * grid.unit, 2.4)
    shade = np.minimum(_lines(grid, dice, 0.8, 0.48 - tone), _lines(grid, dice, -0.7, 0.26 - tone))
    paper, black = np.array([0.968, 0.955, 0.915], np.float32), np.array([0.07, 0.075, 0.10], np.float32)
    drawn = np.minimum(np.minimum(lines, shade), ease(0.07, 0.12, tone))[..., None]
    return _enlarged(black + (paper - black) * drawn, image.size)


def cartoon(image: Image.Image, dice: Dice) -> Image.Image:
    """Few flat tones with soft steps, and dark contours."""
    small = _small(image)
    light = _float(_flattened(_flattened(small, 0.007), 0.005))
    grid = Grid.of(*small.size)
    brightness = light.max(-1, keepdims=True) + 1e-3
    levels = brightness * 6
    stepped = (np.floor(levels) + ease(0.40, 0.60, levels - np.floor(levels))) / 6
    flat = light / brightness * np.clip(stepped, 0.10, 1)
    middle = flat.mean(-1, keepdims=True)
    flat = middle + (flat - middle) * 1.45
    lines = _contours(_float(small).mean(-1), 0.0014 * grid.unit, 1.9)[..., None]
    return _enlarged(flat * (0.12 + 0.88 * lines), image.size)


def pixel(image: Image.Image, dice: Dice) -> Image.Image:
    """Large square pixels in few colours chosen from the picture."""
    side = math.sqrt(image.width * image.height) / PIXELS_ACROSS
    columns, rows = max(8, round(image.width / side)), max(8, round(image.height / side))
    small = ImageEnhance.Color(image.resize((columns, rows), Image.Resampling.BOX)).enhance(1.3)
    small = ImageEnhance.Contrast(small).enhance(1.12)
    few = small.quantize(PIXEL_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(image.size, Image.Resampling.NEAREST)


def poster(image: Image.Image, dice: Dice) -> Image.Image:
    """Five inks by brightness, with smooth borders: a screen print."""
    small = ImageOps.autocontrast(ImageOps.grayscale(_flattened(_small(image), 0.008)), cutoff=2)
    tone = resized(blurred(np.asarray(small, np.float32) / 255, 2.5), *image.size)
    edge = 0.6 / 255 + 1.5 / math.sqrt(image.width * image.height)
    light = np.empty((*tone.shape, 3), np.uint8)
    for channel in range(3):
        plane = np.full_like(tone, POSTER_INKS[0][channel])
        for step, threshold in enumerate(POSTER_STEPS):
            plane += (POSTER_INKS[step + 1][channel] - POSTER_INKS[step][channel]) * np.clip(
                (tone - threshold) * (0.5 / edge) + 0.5, 0, 1
            )
        light[..., channel] = plane
    return Image.fromarray(light)


def halftone(image: Image.Image, dice: Dice) -> Image.Image:
    """Coloured dots in three screens, as in a printed comic."""
    vivid = ImageEnhance.Color(ImageOps.autocontrast(image, cutoff=1)).enhance(1.5)
    cell = math.sqrt(image.width * image.height) / 150
    inks = [
        _screen(np.asarray(channel, np.float32) / 255, cell, angle)
        for channel, angle in zip(vivid.split(), (0.26, 1.31, 0.0), strict=True)
    ]
    print_ = Image.merge("RGB", [Image.fromarray(screen) for screen in inks])
    return Image.blend(print_, vivid, 0.22)


def neon(image: Image.Image, dice: Dice) -> Image.Image:
    """Contours as glowing tubes, coloured from pink to blue across the picture, over a dim night version of it."""
    small = _small(image)
    grid = Grid.of(*small.size)
    light = _float(small)
    tubes = _tubes(light, grid)
    sweep = np.clip((grid.x / grid.width + grid.y / grid.height) / 2 + 0.15 * grid.noise(dice, 0.5), 0, 1)[..., None]
    hue = np.array([1.0, 0.16, 0.62], np.float32) * (1 - sweep) + np.array([0.10, 0.78, 1.0], np.float32) * sweep
    glow = blurred(tubes, 0.006 * grid.unit) * 1.3 + blurred(tubes, 0.03 * grid.unit) * 1.2
    dim = light.mean(-1, keepdims=True) ** 1.4 * np.array([0.16, 0.10, 0.30], np.float32)
    result = dim + hue * (glow[..., None] + tubes[..., None] * 0.9) + (tubes**3)[..., None] * 0.55
    return _enlarged(1 - np.exp(-result * 1.25), image.size)


def _tubes(light: Plane, grid: Grid) -> Plane:
    """0 to 1: contours, judged against how busy the picture is as a whole."""
    steep = _steepness(light.max(-1), 0.0018 * grid.unit)
    busy = float(np.quantile(steep[::4, ::4], 0.93)) + 1e-3
    return ease(0.45, 1.5, steep / busy)


def textured(image: Image.Image, tile: Plane, strength: float) -> Image.Image:
    """Multiply by a repeating texture around 1, at the picture's own size."""
    levels = np.clip(128 + 127 * strength * 4 * tile, 0, 255).astype(np.uint8)
    rows, columns = (math.ceil(length / TILE) for length in (image.height, image.width))
    sheet = Image.fromarray(np.tile(levels, (rows, columns))[: image.height, : image.width])
    return Image.composite(
        image, ImageChops.soft_light(image, Image.merge("RGB", (sheet,) * 3)), Image.new("L", image.size, 96)
    )


def paper_relief(dice: Dice) -> Plane:
    """The tooth of paper, lit from one side; tiles without a seam."""
    noise = dice.normals(TILE, TILE)
    for reach in (1, 2, 3):
        noise = noise + np.roll(noise, reach, 0) + np.roll(noise, reach, 1)
    noise = noise - np.roll(np.roll(noise, 2, 0), 2, 1)
    relief: Plane = noise / (noise.std() * 2.5)
    return relief


def film_grain(dice: Dice) -> Plane:
    noise = dice.normals(TILE, TILE)
    return (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) / 4.3


def _small(image: Image.Image) -> Image.Image:
    shrink = math.sqrt(WORK_PIXELS / (image.width * image.height))
    if shrink >= 1:
        return image
    size = round(image.width * shrink), round(image.height * shrink)
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _float(image: Image.Image) -> Plane:
    return np.asarray(image, np.float32) / 255


def _enlarged(light: Plane, size: tuple[int, int]) -> Image.Image:
    image = Image.fromarray((np.clip(light, 0, 1) * 255 + 0.5).astype(np.uint8))
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)


def _flattened(image: Image.Image, share: float) -> Image.Image:
    """Edge-keeping smoothing (Kuwahara): each pixel takes the means of its calmest neighbouring areas."""
    reach = max(1, round(share * math.sqrt(image.width * image.height)))
    mean = np.asarray(image.filter(ImageFilter.BoxBlur(reach)), np.float32)
    grey = ImageOps.grayscale(image)
    rough = ImageChops.difference(grey, grey.filter(ImageFilter.BoxBlur(reach))).filter(ImageFilter.BoxBlur(reach))
    calm = 1 / (np.asarray(rough, np.float32) + 1.5) ** 4
    total, weight = np.zeros_like(mean), np.zeros_like(calm)
    for down, across in ((-1, -1), (-1, 1), (1, -1), (1, 1), (0, 1), (1, 0), (0, -1), (-1, 0)):
        share_here = _shifted(calm, down * reach, across * reach)
        total += _shifted(mean, down * reach, across * reach) * share_here[..., None]
        weight += share_here
    return Image.fromarray((total / weight[..., None] + 0.5).astype(np.uint8))


def _shifted(plane: Plane, down: int, across: int) -> Plane:
    """Moved, the border rows repeated."""
    rows = np.clip(np.arange(plane.shape[0]) + down, 0, plane.shape[0] - 1)
    columns = np.clip(np.arange(plane.shape[1]) + across, 0, plane.shape[1] - 1)
    return plane[rows][:, columns]


def _moved(grid: Grid, down: Plane, across: Plane) -> tuple[Plane, Plane]:
    """Row and column indices, moved by a field of steps in pixels."""
    rows = np.clip(np.arange(grid.rows)[:, None] + down, 0, grid.rows - 1).astype(np.intp)
    columns = np.clip(np.arange(grid.columns)[None] + across, 0, grid.columns - 1).astype(np.intp)
    return rows, columns


def _wandering(image: Image.Image, grid: Grid, dice: Dice, share: float) -> Image.Image:
    reach = share * grid.unit
    rows, columns = _moved(grid, grid.clouds(dice, 0.05, 2) * reach, grid.clouds(dice, 0.05, 2) * reach)
    return Image.fromarray(np.asarray(image)[rows, columns])


def _steepness(tone: Plane, radius: float) -> Plane:
    down, across = np.gradient(blurred(tone, max(radius, 0.8)))
    steepness: Plane = np.hypot(down, across) * radius
    return steepness


def _directions(tone: Plane, grid: Grid, dice: Dice) -> tuple[Plane, Plane]:
    """Unit steps along the contours; where there are none, along a slow random field."""
    down, across = np.gradient(blurred(tone, 0.006 * grid.unit))
    drift = grid.noise(dice, 0.25) * 2.5
    down, across = down + np.sin(drift) * 0.0012, across + np.cos(drift) * 0.0012
    length = np.hypot(down, across) + 1e-9
    return across / length, -down / length


def _ragged(grid: Grid, dice: Dice) -> Plane:
    """1 inside, 0 at the rim, with the uneven border of a wash."""
    x, y = np.minimum(grid.x, grid.width - grid.x), np.minimum(grid.y, grid.height - grid.y)
    rim = np.minimum(x, y) + 0.012 * grid.clouds(dice, 0.09, 4, gain=0.6)
    return ease(0.014, 0.022, rim)


def _contours(tone: Plane, radius: float, strength: float) -> Plane:
    """1 on paper, 0 on a line: dark where the tone drops against its surroundings, however bright these are."""
    drop = blurred(tone, radius * 1.6) - blurred(tone, max(radius, 0.7))
    local = blurred(np.abs(drop), radius * 14) + 0.004
    return 1 - np.clip(strength * (drop / local - 0.8) * 0.5, 0, 1) * ease(0.003, 0.012, local)


def _graphite(grey: Image.Image, dice: Dice) -> Plane:
    """1 on paper, 0 where pressed hard."""
    grid = Grid.of(*grey.size)
    tone = np.asarray(ImageOps.autocontrast(grey, cutoff=1), np.float32) / 255
    around = blurred(tone, 0.010 * grid.unit)
    contour = np.clip(tone / np.maximum(around, 0.04), 0, 1) ** 1.6
    shade = ease(0.02, 0.80, blurred(tone, 0.002 * grid.unit))
    hatch = _hatching(grid, dice, 0.8) * 0.75 + _hatching(grid, dice, 0.2) * 0.25
    pressed = np.clip((1 - shade) * (0.62 + 0.75 * (0.5 - hatch)), 0, 1)
    return np.clip(contour * (1 - 0.86 * pressed), 0, 1)


def _hatching(grid: Grid, dice: Dice, angle: float) -> Plane:
    """0 to 1: strokes of one direction, each of its own pressure."""
    side = math.ceil(math.hypot(grid.columns, grid.rows)) + 2
    thick, length = 0.0018 * grid.unit, 0.05 * grid.unit
    pressure = dice.normals(math.ceil(side / thick), math.ceil(side / length))
    strokes = Image.fromarray(resized(pressure, side, side)).rotate(math.degrees(angle), Image.Resampling.BILINEAR)
    left, top = (side - grid.columns) // 2, (side - grid.rows) // 2
    turned = np.asarray(strokes.crop((left, top, left + grid.columns, top + grid.rows)))
    return np.clip(0.5 + 0.33 * turned, 0, 1)


def _lines(grid: Grid, dice: Dice, angle: float, darkness: Plane) -> Plane:
    """1 on paper, 0 on a pen line; lines swell with darkness."""
    _, aside = _rotated(grid, angle)
    place = (aside + grid.noise(dice, 0.15) * 0.0015) / 0.0075
    off = np.abs(place - np.floor(place) - 0.5) * 0.0075 * grid.unit
    return np.clip(off - np.clip(darkness, 0, 0.5) * 5.2 + 0.5, 0, 1) * (darkness > 0) + (darkness <= 0)


def _rotated(grid: Grid, angle: float) -> tuple[Plane, Plane]:
    return (
        grid.x * math.cos(angle) + grid.y * math.sin(angle),
        grid.y * math.cos(angle) - grid.x * math.sin(angle),
    )


def _screen(tone: Plane, cell: float, angle: float) -> Plane:
    """Dots on a rotated grid, larger where it is darker; antialiased."""
    rows, columns = tone.shape
    x, y = np.arange(columns, dtype=np.float32)[None] / cell, np.arange(rows, dtype=np.float32)[:, None] / cell
    across, down = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    away = np.hypot(across - np.floor(across) - 0.5, down - np.floor(down) - 0.5)
    radius = np.sqrt(np.clip(1 - tone, 0, 1)) * 0.74
    paper: Plane = np.clip((away - radius) * cell + 0.5, 0, 1) * 255
    return paper.astype(np.uint8)
