// Elements, their explanations, and the page's theme.

export const REDUCED_MOTION = window.matchMedia("(prefers-reduced-motion: reduce)");
export const COARSE_POINTER = window.matchMedia("(pointer: coarse)");
const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zm8 0h4v14h-4z",
  next: "M6 6v12l8.5-6zm9 0h2.5v12H15z",
  previous: "M18 6v12l-8.5-6zM6.5 6H9v12H6.5z",
};

export function make(tag, className, parent, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text) node.textContent = text;
  parent?.append(node);
  return node;
}

export function withHelp(node, help) {
  if (!help) return node;
  node.tabIndex = 0;
  node.dataset.help = help;
  node.setAttribute("aria-description", help);
  return node;
}

export function makeButton(className, parent, act) {
  const button = make("button", className, parent);
  button.type = "button";
  button.onclick = act;
  return button;
}

// An icon, and words beside it; without words they are the button's name.
export function label(button, icon, words, { silent = false } = {}) {
  if (button.dataset.words === words) return;
  button.dataset.words = words;
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  if (silent) button.setAttribute("aria-label", words);
  else make("span", "", button, words);
}

// Buttons of which one is pressed: [[value, words, help], ...]; ``act`` is called with the value of a press.
export function makeChoice(parent, name, options, act) {
  const group = make("span", "lf-choice", parent);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", name);
  const buttons = options.map(([value, words, help]) => {
    const button = withHelp(makeButton("", group, () => act(value)), help);
    button.textContent = words;
    return [value, button];
  });
  return { show: (now) => buttons.forEach(([value, button]) => button.setAttribute("aria-pressed", value === now)) };
}

export function makeSlider(parent, name, act) {
  const slider = make("input", "lf-slider", parent);
  Object.assign(slider, { type: "range", min: 0, step: 0.02, value: 0 });
  slider.setAttribute("aria-label", name);
  slider.oninput = () => act(Number(slider.value));
  return slider;
}

export function readTheme(node) {
  const style = getComputedStyle(node);
  const read = (name) => style.getPropertyValue(name).trim();
  const theme = { text: read("--st-text-color"), surface: read("--st-background-color"), font: read("--st-font") };
  theme.accent = read("--st-primary-color");
  theme.size = Math.round(0.74 * parseFloat(getComputedStyle(document.documentElement).fontSize)); // grows when presenting
  theme.stamp = theme.text + theme.surface + theme.size + COARSE_POINTER.matches;
  return theme;
}
