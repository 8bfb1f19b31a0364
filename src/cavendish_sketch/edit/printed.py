"""Printed and lit media: cartoon, pixels, screen prints, halftone, two inks, mosaic and neon tubes."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from cavendish_sketch.canvas.field import Dice, Grid, Plane, blurred, ease
from cavendish_sketch.edit import media

POSTER_INKS = ((24, 38, 72), (196, 52, 54), (238, 150, 84), (122, 172, 178), (250, 236, 204))
POSTER_SHARES = (0.20, 0.42, 0.62, 0.82)  # of the picture, darker than each step
POSTER_STEPS = (0.24, 0.42, 0.58, 0.76)  # in a picture whose tones are spread evenly
PIXELS_ACROSS = 118  # of the geometric mean of both sides
PIXEL_COLOURS = 32
CARTOON_TONES = 6
DOTS_ACROSS = 118  # of the geometric mean of both sides
SCREENS = (0.26, 1.31, 0.0)  # radians, for cyan, magenta and yellow
DUOTONES = (
    ("#161350", "#b8386f", "#ffd98c"),
    ("#08263b", "#1f8a8c", "#f9e9c3"),
    ("#2a0f45", "#f0543c", "#ffe3b0"),
    ("#0c2140", "#e0527a", "#fbe6d4"),
)
TILES_ACROSS = 92
NEON_PINK, NEON_BLUE, NEON_NIGHT = (1.0, 0.16, 0.62), (0.10, 0.78, 1.0), (0.16, 0.10, 0.30)


def cartoon(image: Image.Image, dice: Dice) -> Image.Image:
    """Few flat, clear tones with soft steps, and dark contours."""
    small = media.work_copy(image, 2_000_000)
    grid = Grid.of(*small.size)
    source = media.planes_of(small)
    light = media.flattened(media.flattened(source, 0.0050 * grid.unit), 0.0036 * grid.unit)
    brightness = light.max(0)
    levels = media.stretched(brightness, 0.01) ** np.float32(0.80) * CARTOON_TONES
    stepped = (np.floor(levels) + 0.35 + 0.65 * ease(0.42, 0.58, levels - np.floor(levels))) * (1 / CARTOON_TONES)
    flat = light * (np.clip(stepped, 0.12, 1) / np.maximum(brightness, np.float32(0.02)))
    lines = media.contours(media.tone_of(light) * 0.5 + media.tone_of(source) * 0.5, 0.0013 * grid.unit, 2.1)
    return media.picture_of(media.saturated(flat, 1.42) * (0.10 + 0.90 * lines), image.size)


def pixel(image: Image.Image, dice: Dice) -> Image.Image:
    """Large square pixels in few colours chosen from the picture."""
    side = math.sqrt(image.width * image.height) / PIXELS_ACROSS
    columns, rows = max(8, round(image.width / side)), max(8, round(image.height / side))
    small = ImageEnhance.Color(image.resize((columns, rows), Image.Resampling.BOX)).enhance(1.35)
    small = ImageEnhance.Contrast(small).enhance(1.15)
    few = small.quantize(PIXEL_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(image.size, Image.Resampling.NEAREST)


def poster(image: Image.Image, dice: Dice) -> Image.Image:
    """Five inks by brightness, with smooth borders: a screen print."""
    small = media.work_copy(image)
    grid = Grid.of(*small.size)
    tone = media.tone_of(media.flattened(media.planes_of(small), 0.0075 * grid.unit))
    tone = blurred(_evened(tone), 0.0014 * grid.unit)
    levels = np.asarray(media.grey_picture(tone, image.size))
    edge = 0.004 + 1.2 / math.sqrt(image.width * image.height)
    place = np.linspace(0, 1, 256)
    table = np.empty((256, 3), np.float64)
    table[:] = POSTER_INKS[0]
    for ink, threshold in zip(POSTER_INKS[1:], POSTER_STEPS, strict=True):
        amount = np.clip((place - threshold) * (0.5 / edge) + 0.5, 0, 1)[:, None]
        table += (np.array(ink) - table) * amount
    return Image.fromarray(table.astype(np.uint8)[levels])


def _evened(tone: Plane) -> Plane:
    """Half its own tones, half such that each ink gets its share of the picture."""
    marks = np.quantile(tone[::4, ::4], (0, *POSTER_SHARES, 1)) + np.arange(6) * 1e-4
    spread = np.interp(tone, marks, (0, *POSTER_STEPS, 1)).astype(np.float32)
    even: Plane = 0.5 * spread + 0.5 * media.stretched(tone, 0.02)
    return even


def halftone(image: Image.Image, dice: Dice) -> Image.Image:
    """Coloured dots in three screens, as in a printed comic."""
    vivid = ImageEnhance.Color(ImageOps.autocontrast(image, cutoff=1)).enhance(1.6)
    cell = math.sqrt(image.width * image.height) / DOTS_ACROSS
    inks = [
        Image.fromarray(_screen(np.asarray(channel), cell, angle))
        for channel, angle in zip(vivid.split(), SCREENS, strict=True)
    ]
    return Image.blend(Image.merge("RGB", inks), vivid, 0.12)


def _screen(levels: Plane, cell: float, angle: float) -> Plane:
    """Dots on a rotated grid, larger where it is darker; antialiased; in strips, for a 4K plane of floats is 68 MB."""
    rows, columns = levels.shape
    x = np.arange(columns, dtype=np.float32)[None] * np.float32(1 / cell)
    radii = (np.sqrt(np.linspace(1, 0, 256) ** 1.5) * 0.74).astype(np.float32)
    printed = np.empty(levels.shape, np.uint8)
    for start in range(0, rows, media.STRIP_ROWS):
        strip = levels[start : start + media.STRIP_ROWS]
        y = (np.arange(start, start + len(strip), dtype=np.float32) * np.float32(1 / cell))[:, None]
        across, down = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
        across, down = across - np.floor(across) - 0.5, down - np.floor(down) - 0.5
        away = np.sqrt(across * across + down * down)
        printed[start : start + len(strip)] = np.clip((away - radii[strip]) * cell + 0.5, 0, 1) * 255
    return printed


def duotone(image: Image.Image, dice: Dice) -> Image.Image:
    """Two inks and what they make together, chosen by chance."""
    dark, middle, light = dice.pick(DUOTONES)
    grey = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=1)
    return ImageOps.colorize(grey, black=dark, mid=middle, white=light, midpoint=120)


def mosaic(image: Image.Image, dice: Dice) -> Image.Image:
    """Small stones of one colour each, laid by hand in grey mortar."""
    grid = Grid.of(*media.work_copy(image).size)
    side = grid.unit / TILES_ACROSS
    tiles_down, tiles_across = max(4, math.ceil(grid.rows / side)), max(4, math.ceil(grid.columns / side))
    centres = _centres(tiles_down, tiles_across, dice)
    stone, border = _nearest(grid, side, centres)
    small = ImageEnhance.Color(image.resize((tiles_across, tiles_down), Image.Resampling.BOX)).enhance(1.35)
    colours = media.planes_of(ImageOps.autocontrast(small, cutoff=1)).reshape(3, -1)
    colours = colours * (1 + 0.07 * dice.normals(1, colours.shape[1])) + 0.012 * dice.normals(*colours.shape)
    bevel = ease(0.02, 0.10, border)
    lit = np.gradient(blurred(bevel, 1.0))
    relief = np.clip((lit[0] + lit[1]) * np.float32(0.40), -0.14, 0.16)
    mortar = np.array((0.66, 0.64, 0.60), np.float32)[:, None, None]
    laid = mortar + (colours[:, stone] + relief - mortar) * bevel
    return media.textured(media.picture_of(laid, image.size), media.film_grain(dice), 0.05)


def _centres(rows: int, columns: int, dice: Dice) -> Plane:
    """Where each stone lies, in stones; every other row is set off by half a stone."""
    place = np.mgrid[0:rows, 0:columns].astype(np.float32) + 0.5
    place[1] += (np.arange(rows) % 2 * 0.5 - 0.25).astype(np.float32)[:, None]
    return place + (dice.uniforms(2, rows, columns) - 0.5) * np.float32(0.42)


def _nearest(grid: Grid, side: float, centres: Plane) -> tuple[Plane, Plane]:
    """The number of the nearest stone, and how much nearer than the second it is, in stones."""
    _, rows, columns = centres.shape
    y, x = ((np.arange(length) + 0.5) / side for length in (grid.rows, grid.columns))
    y, x = y.astype(np.float32)[:, None], x.astype(np.float32)[None]
    first = np.full((grid.rows, grid.columns), 9, np.float32)
    second, stone = first.copy(), np.zeros(first.shape, np.int32)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            row = np.clip(y.astype(np.int32) + down, 0, rows - 1)
            column = np.clip(x.astype(np.int32) + across, 0, columns - 1)
            away = (centres[0][row, column] - y) ** 2 + (centres[1][row, column] - x) ** 2
            number = row * columns + column
            nearer = (away < first) & (number != stone)
            same = number == stone
            second = np.where(nearer, first, np.where(same, second, np.minimum(second, away)))
            stone = np.where(nearer, number, stone)
            first = np.minimum(first, away)
    return stone, np.sqrt(second) - np.sqrt(first)


def neon(image: Image.Image, dice: Dice) -> Image.Image:
    """Contours as glowing tubes, coloured from pink to blue across the picture, over a dim night version of it."""
    small = media.work_copy(image)
    grid = Grid.of(*small.size)
    light = media.planes_of(small)
    tubes = _tubes(light.max(0), grid)
    sweep = np.clip((grid.x / grid.width + grid.y / grid.height) / 2 + 0.15 * grid.noise(dice, 0.5), 0, 1)
    glow = blurred(tubes, 0.006 * grid.unit) * 1.3 + blurred(tubes, 0.03 * grid.unit) * 1.2
    dim = media.tone_of(light) ** np.float32(1.3)
    planes = np.empty_like(light)
    for channel, (pink, blue, night) in enumerate(zip(NEON_PINK, NEON_BLUE, NEON_NIGHT, strict=True)):
        hue = pink + (blue - pink) * sweep
        total = dim * (night * 1.25) + light[channel] * 0.10 + hue * (glow + tubes * 0.9) + tubes**3 * 0.55
        planes[channel] = 1 - np.exp(-total * np.float32(1.25))
    return media.picture_of(planes, image.size)


def _tubes(brightest: Plane, grid: Grid) -> Plane:
    """0 to 1: contours, judged against how busy the picture is as a whole."""
    steep = media.steepness(brightest, 0.0018 * grid.unit)
    busy = float(np.quantile(steep[::4, ::4], 0.93)) + 1e-3
    return ease(0.45, 1.5, steep / np.float32(busy))
