/**
 * The door between the page's server and the player: mounts the page named in `data`.
 *
 * Streamlit calls the default export at every drawing, with the same element. This file keeps its
 * name; all others are fetched from a folder named after their content (`data.assets`), so that a
 * browser never mixes modules of two versions.
 */

/**
 * @typedef {{close: () => void, update: (data: any) => void}} Page
 * @typedef {{key: string, page: Page | null, isGone: boolean}} Mounted
 */

/** @type {Record<string, string>} */
const PAGE_FILES = {
  rating: "pages/sequence.js",
  volume: "pages/volume_page.js",
  headphones: "pages/headphone_page.js",
  calibration: "pages/calibration_page.js",
};

const PATIENCE_MS = 500;

/** @type {WeakMap<Node, Mounted>} */
const mountedIn = new WeakMap();

/**
 * @param {{data: any, parentElement: HTMLElement | ShadowRoot,
 *   setTriggerValue: (name: string, value: unknown) => void}} component
 * @returns {() => void} cleanup
 */
export default function player(component) {
  const { data, parentElement, setTriggerValue } = component;
  if (data.mode === "frame") {
    // For screen readers, hyphens, glyphs and the side where lines begin; only a script can say it.
    document.documentElement.lang = data.language;
    document.documentElement.dir = data.direction;
    import(`${new URL(data.assets, document.baseURI).href}pages/turning.js`)
      .then(({ watchPages }) => watchPages(), () => undefined); // it is only a comfort
    return () => undefined;
  }
  const present = mountedIn.get(parentElement);
  if (present && present.key === data.key) present.page?.update(data);
  else {
    if (present) dismiss(present);
    const mounted = { key: data.key, page: null, isGone: false };
    mountedIn.set(parentElement, mounted);
    mount(parentElement, mounted, data, setTriggerValue);
  }
  // Also called for a drawing that was overtaken by the next one: only a gone element is the end.
  return () => {
    setTimeout(() => {
      const mounted = mountedIn.get(parentElement);
      if (mounted && !parentElement.isConnected) dismiss(mounted);
    });
  };
}

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @param {Mounted} mounted
 * @param {any} data
 * @param {(name: string, value: unknown) => void} setTriggerValue
 */
async function mount(parent, mounted, data, setTriggerValue) {
  const root = document.createElement("div");
  root.className = "player";
  for (const old of parent.querySelectorAll(".player, link")) old.remove();
  const folder = new URL(data.assets, document.baseURI).href;
  // On a slow line even the player itself takes its time.
  const waiting = setTimeout(() => {
    root.textContent = data.texts.loading.replace("{percent}", "0");
    parent.append(root);
  }, PATIENCE_MS);
  try {
    if (typeof AudioContext === "undefined") throw new Error("no Web Audio");
    const [module] = await Promise.all([
      import(`${folder}${PAGE_FILES[data.mode]}`),
      data.mode === "rating" ? import(`${folder}page_types/${data.page_type}.js`) : null,
      addStyle(parent, `${folder}player.css`),
      addStyle(parent, `${folder}boards.css`),
    ]);
    if (mounted.isGone) return;
    const show = () => {
      clearTimeout(waiting);
      if (!root.isConnected) parent.append(root);
      toTop(parent);
    };
    const fail = (/** @type {unknown} */ error) => {
      clearTimeout(waiting);
      showFailure(root, data.texts, error);
      parent.append(root);
    };
    const advance = (/** @type {unknown} */ value) => setTriggerValue("advance", value);
    if (data.mode === "rating") {
      mounted.page = new module.PageSequence(root, data, advance, fail, show);
      return;
    }
    root.replaceChildren();
    show();
    if (data.mode === "volume") {
      mounted.page = new module.VolumePage(
        root, data, (/** @type {number} */ gain) => advance({ volume: gain }));
    } else if (data.mode === "calibration") mounted.page = new module.CalibrationPage(root, data);
    else mounted.page = new module.HeadphonePage(root, data, advance);
  } catch (error) {
    clearTimeout(waiting);
    showFailure(root, data.texts, error);
    parent.append(root);
  }
}

/**
 * A browser that cannot is told so; for a player that did not arrive, the page is loaded anew.
 * @param {HTMLElement} root
 * @param {Record<string, string>} texts
 * @param {unknown} error
 */
function showFailure(root, texts, error) {
  console.warn("The player could not start:", error);
  const cannot = typeof AudioContext === "undefined" || error instanceof SyntaxError;
  root.setAttribute("role", "alert");
  root.textContent = cannot ? texts.no_player : texts.load_failed;
  if (cannot) return;
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = texts.load_again;
  again.addEventListener("click", () => location.reload());
  root.append(document.createElement("br"), again);
}

/** A new page begins at its top, wherever the last one was left. @param {Node} inside */
function toTop(inside) {
  let node = inside instanceof ShadowRoot ? inside.host : /** @type {Element} */ (inside);
  for (; node.parentElement; node = node.parentElement) node.scrollTop = 0;
}

/** @param {Node} parent @param {string} href */
function addStyle(parent, href) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  const loaded = new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error("no style sheet")));
  });
  parent.appendChild(link);
  return loaded;
}

/** @param {Mounted} mounted */
function dismiss(mounted) {
  mounted.isGone = true;
  mounted.page?.close();
}
