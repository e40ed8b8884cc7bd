// Puts what floats below the control that opened it, inside the window, on the side where it has room.

const GAP = 6;
const EDGE = 8;

export function placeBelow(floating: HTMLElement, anchor: HTMLElement) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = floating;
  const rtl = getComputedStyle(anchor).direction === 'rtl';
  const wanted = rtl ? at.right - width : at.left;
  const left = Math.max(EDGE, Math.min(wanted, window.innerWidth - width - EDGE));
  const below = at.bottom + GAP + height <= window.innerHeight;
  const top = below ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - height);
  floating.style.setProperty('left', `${left}px`);
  floating.style.setProperty('top', `${top}px`);
}
