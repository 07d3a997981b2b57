"""Contrast of what is not text, on a page that has come to rest (WCAG 1.4.11).

Measured are controls without words of their own, choices that were made, and what shows the focus,
each against the ground around it. Exempt, as in the guideline, are inactive controls and what the
browser draws by itself: its own boxes to tick, its own ring of focus.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

LEAST = 3.0
RING_PX = 24
"""Pixels of a grip or of its ring that stand out at least; the thinnest has more than a hundred."""

FAINT = """(least) => {
  const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (text) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = text;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const over = ([r, g, b, a], below) =>
    [r, g, b].map((part, i) => (part * a + below[i] * (255 - a)) / 255).concat(255);
  const luminance = (colour) => colour.slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const up = (each) => each?.parentElement ?? each?.getRootNode().host ?? null;
  const ground = (each) => {
    const layers = [];
    for (let at = each; at; at = up(at)) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 255]);
  };
  const contrast = (text, below) => {
    const [dark, light] = [luminance(over(rgba(text), below)), luminance(below)]
      .sort((one, other) => one - other);
    return (light + 0.05) / (dark + 0.05);
  };
  const isBox = (style) => style.content !== "none" && style.content !== "normal";
  const borderOf = (style) =>
    parseFloat(style.borderTopWidth) >= 1 && style.borderTopStyle !== "none"
      ? [style.borderTopColor] : [];
  const outlineOf = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
    ? [style.outlineColor] : [];
  /* Colours that a part is drawn with, its boxes before and after it and its icon included. */
  const drawn = (each) => {
    const style = getComputedStyle(each);
    const boxes = ["::before", "::after"].map((name) => getComputedStyle(each, name)).filter(isBox);
    return [...borderOf(style), ...outlineOf(style), style.backgroundColor,
      ...boxes.flatMap((box) => [...borderOf(box), box.backgroundColor]),
      ...[...each.querySelectorAll("svg")].map((icon) => getComputedStyle(icon).fill)];
  };
  const isSeen = (colours, below) =>
    colours.some((colour) => colour !== "none" && contrast(colour, below) >= least);
  const roots = [document];
  for (const root of roots)
    for (const each of root.querySelectorAll("*")) if (each.shadowRoot) roots.push(each.shadowRoot);
  const still = roots.map((root) => {
    const style = document.createElement("style");
    style.textContent = "* { transition: none !important; animation: none !important; }";
    (root.head ?? root).append(style);
    return style;
  });
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const controls = all("button, a[href], input, textarea, select, summary, [tabindex]")
    .filter((each) => each.tabIndex >= 0 && each.checkVisibility() && !each.matches(":disabled"));
  const isNative = (each) => getComputedStyle(each).appearance !== "none"
    && each.matches("[type=checkbox], [type=radio]");
  const isHidden = (each) => {
    const { opacity, width, clipPath } = getComputedStyle(each);
    return opacity === "0" || parseFloat(width) <= 1 || clipPath !== "none";
  };
  const faint = [];
  const say = (what, each) => faint.push(`${what}: ${each.outerHTML.slice(0, 120)}`);

  /* Fields and signs: the frame of a field may be drawn by what it lies in. */
  for (const each of controls) {
    const isField = each.matches("textarea, input");
    if (each.type === "range" || isNative(each) || isHidden(each)) continue;
    if (!isField && (each.innerText ?? "").trim()) continue;
    if (each.matches("[role=dialog], [role=application], section, main, h1, .waveform")) continue;
    const frames = [each];
    while (isField && frames.length < 4) frames.push(up(frames.at(-1)));
    if (!frames.some((frame) => isSeen(drawn(frame), ground(up(frame))))) say("control", each);
  }

  /* Choices: the circle of each, and its point once it is made. */
  for (const each of all("input[type=radio]").filter((each) => !each.matches(":disabled"))) {
    const circle = isHidden(each) ? each.parentElement.querySelector("div > div") : each;
    if (!circle || isNative(each) && circle === each) continue;
    if (!isSeen(drawn(circle), ground(up(circle)))) say("circle", each);
    if (!each.checked || circle !== each) continue;
    const point = getComputedStyle(each, "::after").backgroundColor;
    if (contrast(point, ground(each)) < least) say("point", each);
  }
  for (const each of all(".heard:is(.letter, .marker), .choice.sounding, .wanting .unrated"))
    if (!isSeen(drawn(each), ground(up(each)))) say("state", each);

  /* Focus: what changes about a control, or about what it lies in, stands out. */
  const around = (each) => {
    const found = [each, ...each.parentElement?.children ?? []];
    for (let at = up(each), steps = 0; at && steps < 4; at = up(at), steps += 1) found.push(at);
    return found;
  };
  const looks = (each) => {
    const style = getComputedStyle(each);
    const shadow = style.boxShadow === "none" ? []
      : style.boxShadow.match(/(?:rgba?|color|oklab|oklch)\\([^)]*\\)/g) ?? [];
    const outline = style.outlineStyle === "auto" ? ["auto"] : outlineOf(style);
    return Object.entries({ outline, border: borderOf(style), shadow,
      ground: [style.backgroundColor] })
      .flatMap(([where, colours]) => colours.map((colour) => `${where}|${colour}`));
  };
  const before = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
  for (const each of controls) {
    if (each.type === "range" && !isHidden(each)) continue;
    each.blur();
    const parts = around(each);
    const was = parts.map(looks);
    each.focus({ preventScroll: true, focusVisible: true });
    const isShown = parts.some((part, i) => looks(part).filter((one) => !was[i].includes(one))
      .map((one) => one.split("|")[1])
      .some((one) => one === "auto" || contrast(one, ground(up(part))) >= least));
    if (each.matches(":focus") && !isShown) say("focus", each);
  }
  before?.focus?.({ preventScroll: true });
  still.forEach((style) => style.remove());
  return faint;
}"""


def faint_parts(page: Any) -> list[str]:
    """Controls, choices and rings of focus that stand out by less than 3 to 1.

    The grips of sliders are drawn by the browser, by styles that no script reads: they are
    measured on a picture, the first that is rated and the first that is not.
    """
    found: list[str] = page.evaluate(FAINT, LEAST)
    return found + faint_grips(page)


def faint_grips(page: Any) -> list[str]:
    """Grips of sliders that do not stand out, or do not show the focus."""
    found = []
    for kind in (".unrated .slider", ".stimulus:not(.unrated) .slider", ".slider.wide"):
        slider = page.locator(kind).first
        if not slider.count():
            continue
        slider.evaluate("each => each.blur()")
        plain = picture(slider)
        ground = plain[0, 0]
        if np.count_nonzero(contrasts(plain, ground) >= LEAST) < RING_PX:
            found.append(f"grip: {kind}")
        if slider.is_disabled():
            continue
        slider.evaluate("each => each.focus({ preventScroll: true, focusVisible: true })")
        ring = contrasts(picture(slider), plain) >= LEAST
        if np.count_nonzero(ring) < RING_PX:
            found.append(f"focus of grip: {kind}")
        slider.evaluate("each => each.blur()")
    return found


def picture(part: Any) -> np.ndarray:
    """Pixels of a part of the page, 0-1, ``(height, width, 3)``."""
    shot = part.screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), dtype=float) / 255.0


def contrasts(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """WCAG's ratio of contrast of each pixel, by relative luminance."""
    light, dark = (luminance(each) for each in (one, other))
    return (np.maximum(light, dark) + 0.05) / (np.minimum(light, dark) + 0.05)


def luminance(colour: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB, as WCAG 2.2 defines it."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    weighted: np.ndarray = linear @ np.array([0.2126, 0.7152, 0.0722])
    return weighted
