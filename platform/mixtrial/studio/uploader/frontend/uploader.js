/**
 * Sends files one after the other to our own routes, and shows what became of each.
 *
 * A folder that is dropped or chosen brings its files with the name of the folder they lie in; of
 * other kinds than those that are taken, it may hold what it likes. Where there is a table, a file
 * may be dropped on one of its cells, or chosen for it.
 */

/**
 * @typedef {{url: string, most_bytes: number, kinds: string[], words: string,
 *   texts: Record<string, string>, table: string, cell_url: string}} Data
 * @typedef {{song: string, system: string}} Cell
 * @typedef {{file: File, path: string, cell?: Cell}} Found
 * @typedef {{path: string, song: string, system: string}} Taken
 */

const HTML = `
  <div class="table"></div>
  <div class="drop" role="group">
    <p class="words"></p>
    <div class="choices">
      <label class="choose"><span></span><input class="files" type="file" multiple></label>
      <label class="choose"><span></span><input class="folder" type="file" webkitdirectory></label>
    </div>
  </div>
  <p class="sum" role="status"></p>
  <ul class="faults"></ul>`;

/**
 * @param {Data} data
 * @param {string} text
 * @param {Record<string, string | number>} filled
 * @returns {string} a text in the language of the page
 */
function told(data, text, filled = {}) {
  return (data.texts[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => String(filled[name]));
}

/** @type {WeakMap<Node, (data: Data) => void>} */
const mountedIn = new WeakMap();

/**
 * Boxes on the page now, by the address that they send to. A page that is drawn anew goes on with
 * the uploads under way, and is told which files came while there was none.
 * @type {Map<string, {box: HTMLElement, tell: ((taken: Taken[]) => void) | null, waiting: Taken[]}>}
 */
const present = new Map();

/**
 * @param {{data: Data, parentElement: HTMLElement | ShadowRoot,
 *   setTriggerValue: (name: string, value: unknown) => void}} component
 * @returns {() => void} cleanup
 */
export default function uploader(component) {
  const { data, parentElement, setTriggerValue } = component;
  const key = data.url + data.cell_url;
  /** @param {Taken[]} taken */
  const tell = (taken) => setTriggerValue("done", taken);
  const update = mountedIn.get(parentElement);
  if (update) {
    update(data);
    const place = present.get(key);
    if (place) place.tell = tell;
  } else {
    const root = parentElement.querySelector("div") ?? parentElement;
    const box = document.createElement("div");
    box.innerHTML = HTML;
    root.append(box);
    const waiting = present.get(key)?.waiting ?? [];
    present.set(key, { box, tell, waiting: [] });
    mountedIn.set(parentElement, mount(box, data));
    if (waiting.length) tell(waiting);
  }
  return () => {
    const place = present.get(key);
    if (place?.tell === tell) place.tell = null;
  };
}

/**
 * @param {string} key
 * @param {Taken[]} taken
 */
function report(key, taken) {
  const place = present.get(key);
  if (place?.tell) place.tell(taken);
  else place?.waiting.push(...taken);
}

/**
 * @param {HTMLElement} box
 * @param {Data} first
 * @returns {(data: Data) => void} takes new data
 */
function mount(box, first) {
  let data = first;
  const key = data.url + data.cell_url;
  /** @type {HTMLElement} */ (box.querySelector(".words")).textContent = data.words;
  const drop = /** @type {HTMLElement} */ (box.querySelector(".drop"));
  drop.hidden = !data.words;
  drop.setAttribute("aria-label", told(data, "Upload"));
  const [files, folder] = box.querySelectorAll(".choose span");
  files.textContent = told(data, "Choose files");
  folder.textContent = told(data, "Choose a folder");
  /** @type {Promise<unknown>} */
  let line = Promise.resolve();
  /** @param {Found[]} found */
  const take = (found) => {
    line = line.then(() => sendAll(data, found)).then((taken) => report(key, taken));
  };
  takeDrops(drop, take);
  box.querySelectorAll("input").forEach((input) => takeChosen(input, take));
  const showTable = () => {
    const table = /** @type {HTMLElement} */ (box.querySelector(".table"));
    if (table.dataset.shown === data.table) return;
    table.dataset.shown = data.table;
    table.innerHTML = data.table;
    table.querySelectorAll("[data-song]").forEach((each) => {
      const cell = /** @type {HTMLElement} */ (each);
      const whose = { song: cell.dataset.song ?? "", system: cell.dataset.system ?? "" };
      /** @param {Found[]} found */
      const takeOne = (found) => take(found.length === 1 ? [{ ...found[0], cell: whose }] : found);
      takeDrops(cell, takeOne);
      const isFilled = cell.querySelector("img, .ed-file") !== null;
      cell.append(chooserFor(whose, told(data, isFilled ? "Replace" : "Add a file"), takeOne));
    });
  };
  showTable();
  return (newer) => {
    data = newer;
    showTable();
  };
}

/**
 * @param {Cell} cell
 * @param {string} words
 * @param {(found: Found[]) => void} take
 * @returns {HTMLElement} a button that chooses the file of a cell
 */
function chooserFor(cell, words, take) {
  const label = document.createElement("label");
  label.className = "one";
  label.textContent = words;
  const input = document.createElement("input");
  input.type = "file";
  input.setAttribute("aria-label", `${words}: ${cell.song}, ${cell.system}`);
  label.append(input);
  takeChosen(input, take);
  return label;
}

/**
 * @param {HTMLInputElement} input
 * @param {(found: Found[]) => void} take
 */
function takeChosen(input, take) {
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    take(files.map((file) => ({ file, path: file.webkitRelativePath || file.name })));
    input.value = "";
  });
}

/**
 * @param {HTMLElement} place
 * @param {(found: Found[]) => void} take
 */
function takeDrops(place, take) {
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    const items = [...(event.dataTransfer?.items ?? [])];
    const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    Promise.all(entries.map((entry) => filesOf(entry))).then((found) => take(found.flat()));
  });
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<Found[]>} the files below it
 */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => {
      /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject);
    });
    return [{ file: /** @type {File} */ (file), path: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {Found[]} */
  const found = [];
  for (;;) {
    // A reader gives a hundred entries at a time.
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return found;
    for (const each of entries) found.push(...(await filesOf(each)));
  }
}

/**
 * @param {Data} data
 * @param {Found[]} found
 * @returns {Promise<Taken[]>} those that were taken
 */
async function sendAll(data, found) {
  /** @param {string} name */
  const shown = (name) => present.get(data.url + data.cell_url)?.box.querySelector(name);
  /** @param {string} text */
  const say = (text) => {
    const sum = shown(".sum");
    if (sum) sum.textContent = text;
  };
  shown(".faults")?.replaceChildren();
  /** @type {Taken[]} */
  const taken = [];
  let gone = 0;
  const seen = found.filter((each) => !each.file.name.startsWith("."));
  const wanted = seen.filter(({ path }) => !path.includes("/") || isOfKind(path, data.kinds));
  const others = seen.length - wanted.length;
  for (const each of wanted) {
    const filled = { n: gone + 1, all: wanted.length, name: each.file.name };
    const at = told(data, "{n} of {all}: {name}", filled);
    say(at);
    const answer = await send(data, each, (share) => say(`${at}, ${Math.floor(100 * share)} %`));
    gone += 1;
    if (answer.error) {
      const item = document.createElement("li");
      item.textContent = answer.error;
      shown(".faults")?.append(item);
    } else {
      const whose = each.cell ?? { song: "", system: "" };
      taken.push({ path: answer.name, song: whose.song, system: whose.system });
    }
  }
  const one = taken.length === 1;
  const parts = [told(data, one ? "{n} file taken" : "{n} files taken", { n: taken.length })];
  if (others) parts.push(told(data, "{n} of other kinds left out", { n: others }));
  const refused = gone - taken.length;
  if (refused) parts.push(told(data, "{n} refused:", { n: refused }));
  say(parts.join(", "));
  return taken;
}

/**
 * @param {string} path
 * @param {string[]} kinds
 * @returns {boolean} whether a file has one of the endings
 */
function isOfKind(path, kinds) {
  return kinds.some((kind) => path.toLowerCase().endsWith(kind));
}

/**
 * @param {Data} data
 * @param {Found} found
 * @param {(share: number) => void} onProgress
 * @returns {Promise<{name: string, error: string}>} its place, or why it was not taken
 */
function send(data, found, onProgress) {
  const { file, path, cell } = found;
  if (file.size > data.most_bytes) {
    const most = Math.floor(data.most_bytes / 2 ** 20);
    const error = told(data, "{name} is larger than {most} MiB", { name: file.name, most });
    return Promise.resolve({ name: "", error });
  }
  const name = cell ? `${cell.song}/${cell.system}/${file.name}` : path;
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${cell ? data.cell_url : data.url}?name=${encodeURIComponent(name)}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      const filled = { name: file.name, status: request.status };
      const said = request.response?.error ?? told(data, "{name} was not taken ({status})", filled);
      const isTaken = request.status === 200;
      resolve({ name: isTaken ? request.response.name : "", error: isTaken ? "" : said });
    });
    request.addEventListener("error", () => {
      resolve({ name: "", error: told(data, "{name} could not be sent", { name: file.name }) });
    });
    request.send(file);
  });
}
