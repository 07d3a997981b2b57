/**
 * Sends files one after the other to our own route, and shows what became of each.
 *
 * A folder that is dropped or chosen brings its files with the name of the folder they lie in; of
 * other kinds than those that are taken, it may hold what it likes.
 */

/**
 * @typedef {{url: string, most_bytes: number, kinds: string[], words: string}} Data
 * @typedef {{file: File, path: string}} Found
 */

const HTML = `
  <div class="drop" role="group" aria-label="Upload">
    <p class="words"></p>
    <div class="choices">
      <label class="choose">Choose files<input class="files" type="file" multiple></label>
      <label class="choose">Choose a folder<input class="folder" type="file" webkitdirectory></label>
    </div>
  </div>
  <p class="sum" role="status"></p>
  <ul class="faults"></ul>`;

/** @type {WeakMap<Node, (data: Data) => void>} */
const mountedIn = new WeakMap();

/**
 * @param {{data: Data, parentElement: HTMLElement | ShadowRoot,
 *   setTriggerValue: (name: string, value: unknown) => void}} component
 * @returns {() => void} cleanup
 */
export default function uploader(component) {
  const { data, parentElement, setTriggerValue } = component;
  const update = mountedIn.get(parentElement);
  if (update) {
    update(data);
    return () => undefined;
  }
  const root = parentElement.querySelector("div") ?? parentElement;
  const box = document.createElement("div");
  box.innerHTML = HTML;
  root.append(box);
  mountedIn.set(parentElement, mount(box, data, (count) => setTriggerValue("done", count)));
  return () => undefined;
}

/**
 * @param {HTMLElement} box
 * @param {Data} first
 * @param {(count: number) => void} tell
 * @returns {(data: Data) => void} takes new data
 */
function mount(box, first, tell) {
  let data = first;
  /** @type {HTMLElement} */ (box.querySelector(".words")).textContent = data.words;
  /** @type {Promise<unknown>} */
  let line = Promise.resolve();
  /** @param {Found[]} found */
  const take = (found) => {
    line = line.then(() => sendAll(box, data, found)).then((count) => tell(count));
  };
  const drop = /** @type {HTMLElement} */ (box.querySelector(".drop"));
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const items = [...(event.dataTransfer?.items ?? [])];
    const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    Promise.all(entries.map((entry) => filesOf(entry))).then((found) => take(found.flat()));
  });
  box.querySelectorAll("input").forEach((input) => {
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      take(files.map((file) => ({ file, path: file.webkitRelativePath || file.name })));
      input.value = "";
    });
  });
  return (newer) => {
    data = newer;
  };
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
 * @param {HTMLElement} box
 * @param {Data} data
 * @param {Found[]} found
 * @returns {Promise<number>} how many were taken
 */
async function sendAll(box, data, found) {
  const sum = /** @type {HTMLElement} */ (box.querySelector(".sum"));
  const faults = /** @type {HTMLElement} */ (box.querySelector(".faults"));
  faults.replaceChildren();
  let taken = 0;
  let gone = 0;
  const seen = found.filter((each) => !each.file.name.startsWith("."));
  const wanted = seen.filter(({ path }) => !path.includes("/") || isOfKind(path, data.kinds));
  const others = seen.length - wanted.length;
  for (const { file, path } of wanted) {
    sum.textContent = `${gone + 1} of ${wanted.length}: ${file.name}`;
    const fault = await send(data, file, path, (share) => {
      sum.textContent = `${gone + 1} of ${wanted.length}: ${file.name}, ${Math.floor(100 * share)} %`;
    });
    gone += 1;
    if (fault) {
      const item = document.createElement("li");
      item.textContent = fault;
      faults.append(item);
    } else {
      taken += 1;
    }
  }
  sum.textContent = `${taken} ${taken === 1 ? "file" : "files"} taken${
    others ? `, ${others} of other kinds left out` : ""}${
    gone > taken ? `, ${gone - taken} refused:` : ""}`;
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
 * @param {File} file
 * @param {string} path
 * @param {(share: number) => void} onProgress
 * @returns {Promise<string>} why it was not taken; empty where it was
 */
function send(data, file, path, onProgress) {
  if (file.size > data.most_bytes) {
    const most = Math.floor(data.most_bytes / 2 ** 20);
    return Promise.resolve(`${file.name} is larger than ${most} MiB`);
  }
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${data.url}?name=${encodeURIComponent(path)}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      const said = request.response?.error ?? `${file.name} was not taken (${request.status})`;
      resolve(request.status === 200 ? "" : said);
    });
    request.addEventListener("error", () => resolve(`${file.name} could not be sent`));
    request.send(file);
  });
}
