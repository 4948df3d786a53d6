// Runs in the viewer's page before its own scripts. When the viewer says in the timeline that it has drawn, turn slices
// as a reader does, and read back what the device has drawn then.
(() => {
  const bench = { marks: {}, shots: {}, shoot };
  // Notches of the wheel: forty slices further, and there and back again, which draws the same slice anew.
  const turns = { "viewer-planes": Array(40).fill(1), "viewer-full": [1, -1] };

  function turn(notches) {
    const pane = document.querySelector(".pane[data-plane=axial]");
    for (const notch of notches) {
      pane.dispatchEvent(new WheelEvent("wheel", { deltaY: 100 * notch, bubbles: true, cancelable: true }));
    }
  }

  // The drawing buffer is whole only in the frame that drew it: after the viewer's own callback.
  function shoot(name) {
    requestAnimationFrame(() => {
      const canvas = document.querySelector("canvas[data-stage-canvas]");
      const gl = canvas.getContext("webgl2");
      const read = (width, height) => {
        const rgba = new Uint8Array(4 * width * height);
        gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
        return rgba;
      };
      read(1, 1);
      const atMs = performance.now();
      const { width, height } = canvas;
      const grey = base64(read(width, height).filter((_, at) => at % 4 === 0));
      const ratio = width / canvas.clientWidth;
      bench.shots[name] = { atMs, width, height, ratio, window: greyWindow(), panes: panesOn(canvas), grey };
    });
  }

  // Centre and width, as they stand in a corner of the pane.
  function greyWindow() {
    const texts = [...document.querySelectorAll("[data-corner=window]")].map(({ textContent }) => textContent);
    return texts.find(Boolean).match(/-?\d+/g).map(Number);
  }

  function panesOn(canvas) {
    const origin = canvas.getBoundingClientRect();
    const visible = [...document.querySelectorAll(".pane")].filter((pane) => pane.offsetParent);
    return visible.map((pane) => {
      const box = pane.getBoundingClientRect();
      return {
        plane: pane.dataset.plane,
        index: Number(pane.dataset.slice) - 1,
        x: box.left - origin.left + pane.clientLeft,
        y: box.top - origin.top + pane.clientTop,
        width: box.width - 2 * pane.clientLeft,
        height: box.height - 2 * pane.clientTop,
      };
    });
  }

  function base64(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
  }

  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) {
      if (!(name in turns)) continue;
      bench.marks[name] = startTime;
      turn(turns[name]);
      shoot(name);
    }
  }).observe({ type: "mark", buffered: true });
  globalThis.bench = bench;
})();
