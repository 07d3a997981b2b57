// Presses the player's own buttons and sends every sample that would reach the loudspeaker.
//
// Stimulus 0 is heard on the left alone and stimulus 1 on the right alone, both at full scale: what
// is recorded are the two gains.

const asked = Object.fromEntries(new URLSearchParams(location.search));
const METER = `registerProcessor("meter", class extends AudioWorkletProcessor {
  number = 0;
  process([[left, right]]) {
    const block = new Float32Array(258);
    new Int32Array(block.buffer).set([this.number, currentFrame]);
    this.number += 1;
    if (left) { block.set(left, 2); block.set(right, 130); }
    this.port.postMessage(block, [block.buffer]);
    return true;
  }
});`;
const SEAM = 16384;
const blocks = [];
const sent = [];
let context;
let metered;

const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (!(target instanceof AudioDestinationNode)) return connect.call(this, target, ...rest);
  metered = (asked.meter === "script" ? scriptMeter : workletMeter)(target).then((meter) => {
    connect.call(this, meter);
    connect.call(meter, target);
  });
  return target;
};

async function workletMeter(target) {
  await target.context.audioWorklet.addModule(
    URL.createObjectURL(new Blob([METER], { type: "text/javascript" })));
  const meter = new AudioWorkletNode(target.context, "meter", {
    channelCount: 2, channelCountMode: "explicit" });
  meter.port.onmessage = (event) => blocks.push(event.data);
  return meter;
}

// The thread that renders differs as soon as there is a worklet; this one leaves it alone.
async function scriptMeter(target) {
  const meter = target.context.createScriptProcessor(SEAM, 2, 2);
  let frame = 0;
  meter.onaudioprocess = ({ inputBuffer }) => {
    for (let i = 0; i < inputBuffer.length; i += 128, frame += 128) {
      const block = new Float32Array(258);
      new Int32Array(block.buffer).set([frame / 128, frame]);
      for (const side of [0, 1]) {
        block.set(inputBuffer.getChannelData(side).subarray(i, i + 128), 2 + 128 * side);
      }
      blocks.push(block);
    }
  };
  return meter;
}

const Native = AudioContext;
globalThis.AudioContext = class extends Native {
  constructor(options) {
    super({ ...options, latencyHint: Number(asked.latency) });
    context = this;
  }
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const between = (low, high) => low + Math.random() * (high - low);
const post = (name, body) => fetch(name, { method: "POST", body });

function send() {
  if (blocks.length) sent.push(post("recorded", new Blob(blocks.splice(0))));
}

async function record() {
  const { SoundBar } = await import("/widgets/sound_bar.js");
  let tellReady;
  const ready = new Promise((resolve) => { tellReady = resolve; });
  const bar = new SoundBar({
    urls: ["stimulus/0.wav", "stimulus/1.wav"], sampleRate: 44100, gain: 1,
    texts: new Proxy({}, { get: () => "" }), onChange: () => tellReady(), log: () => undefined });
  document.body.append(bar.element);
  await ready;
  bar.choose(0);
  await metered;
  while (blocks.length < 500) await pause(20);
  // Begun once more, now that the meter is in its place.
  bar.stop();
  await pause(300);
  bar.play();
  await pause(300);
  setInterval(send, 500);
  const presses = { switch: [], pause: [] };
  for (let i = 1; i <= Number(asked.switches); i += 1) {
    presses.switch.push(context.currentTime);
    bar.choose(i % 2);
    await pause(between(45, 75));
  }
  for (let i = 0; i < 2 * Number(asked.pauses); i += 1) {
    if (bar.isPlaying) presses.pause.push(context.currentTime);
    bar.playButton.click();
    await pause(between(60, 90));
  }
  await pause(1500);
  send();
  await Promise.all(sent);
  const seam = asked.meter === "script" ? SEAM : null;
  return { presses, seam, baseLatency: context.baseLatency };
}

record().then((done) => post("done", JSON.stringify(done)),
  (error) => post("done", JSON.stringify({ error: `${error}\n${error.stack}` })));
