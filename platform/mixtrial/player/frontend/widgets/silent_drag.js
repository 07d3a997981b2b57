/**
 * A drag over the slider of a stimulus that is not heard: it is switched to, and the same drag rates
 * it. A press alone only switches, as on the rest of its column.
 */

const LEAST_PX = 5;

/**
 * @param {HTMLElement} lane     what lies behind the slider, which lets presses through while silent
 * @param {HTMLInputElement} slider
 * @param {() => boolean} mayChoose  it is silent, and its turn has come
 * @param {() => void} choose
 */
export function rateBySilentDrag(lane, slider, mayChoose, choose) {
  /** @type {{x: number, y: number, isOn: boolean} | null} */ let drag = null;
  lane.addEventListener("pointerdown", (event) => {
    drag = event.button === 0 && mayChoose() ? { x: event.clientX, y: event.clientY, isOn: false } : null;
  });
  lane.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const isUpright = slider.clientHeight > slider.clientWidth;
    const moved = isUpright ? event.clientY - drag.y : event.clientX - drag.x;
    if (!drag.isOn) {
      if (Math.abs(moved) < LEAST_PX) return;
      drag.isOn = true;
      lane.setPointerCapture(event.pointerId); // or the end of the drag is missed beside the lane
      choose();
    }
    if (slider.disabled) return;
    const value = String(valueAt(slider, event, isUpright));
    if (value === slider.value) return;
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
  });
  const end = () => {
    if (drag?.isOn && !slider.disabled) slider.dispatchEvent(new Event("change"));
    drag = null;
  };
  lane.addEventListener("pointerup", end);
  lane.addEventListener("pointercancel", end);
}

/**
 * The value under the pointer: the middle of the grip goes from one end to the other.
 * @param {HTMLInputElement} slider @param {PointerEvent} event @param {boolean} isUpright
 */
function valueAt(slider, event, isUpright) {
  const box = slider.getBoundingClientRect();
  const grip = parseFloat(getComputedStyle(slider).getPropertyValue("--grip")) || 0;
  const share = isUpright
    ? (box.bottom - grip / 2 - event.clientY) / (box.height - grip)
    : (event.clientX - box.left - grip / 2) / (box.width - grip);
  const [least, most] = [Number(slider.min), Number(slider.max)];
  return least + Math.min(Math.max(share, 0), 1) * (most - least);
}
