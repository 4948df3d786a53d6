import { beforeEach, describe, expect, test, vi } from "vitest";
import { Redraw } from "./redraw";
import { makePane } from "./testing";
import { type Hand, type ToolName, Tools } from "./tools";

function makeHand(tool: ToolName, isCompact = false) {
  return {
    tool,
    isCompact,
    focus: vi.fn(),
    scroll: vi.fn(),
    pointAt: vi.fn(),
    dragLine: vi.fn(),
    changeWindow: vi.fn(),
    pan: vi.fn(),
    zoom: vi.fn(),
    measureDown: vi.fn(),
    measureMove: vi.fn(),
    measureUp: vi.fn(),
    beginHandle: vi.fn(),
    moveHandle: vi.fn(),
    select: vi.fn(),
    hover: vi.fn(),
    maximise: vi.fn(),
    nextPlane: vi.fn(),
  } satisfies Hand;
}

function setUp(tool: ToolName, isCompact = false) {
  const pane = makePane();
  pane.element.setPointerCapture = () => undefined;
  const hand = makeHand(tool, isCompact);
  new Tools(hand).attach(pane);
  const send = (
    type: string,
    x: number,
    y: number,
    changes: PointerEventInit = {},
    target: Element = pane.element,
  ) =>
    target.dispatchEvent(
      new PointerEvent(type, {
        clientX: x,
        clientY: y,
        pointerId: 1,
        bubbles: true,
        cancelable: true,
        ...changes,
      }),
    );
  return { pane, hand, send };
}

describe("a drag", () => {
  test.each([
    ["window", "changeWindow", [10, 5]],
    ["pan", "pan", [expect.anything(), 10, 5]],
  ] as const)("with %s calls %s with what it moved", (tool, action, expected) => {
    const { hand, send } = setUp(tool);
    send("pointerdown", 100, 100);
    send("pointermove", 110, 105);
    expect(hand[action]).toHaveBeenCalledWith(...expected);
  });

  test("with the crosshair follows the pointer from the first touch", () => {
    const { pane, hand, send } = setUp("crosshair");
    send("pointerdown", 100, 100);
    send("pointermove", 120, 90);
    expect(hand.pointAt.mock.calls).toEqual([
      [pane, { x: 100, y: 100 }],
      [pane, { x: 120, y: 90 }],
    ]);
  });

  test("with slices turns one for every six pixels", () => {
    const { pane, hand, send } = setUp("slices");
    send("pointerdown", 100, 100);
    send("pointermove", 100, 113);
    expect(hand.scroll).toHaveBeenCalledWith(pane, 2);
  });

  test("to the side goes to the next plane, on a small screen only", () => {
    const small = setUp("slices", true);
    small.send("pointerdown", 300, 100);
    small.send("pointermove", 200, 103);
    small.send("pointerup", 200, 103);
    expect(small.hand.nextPlane).toHaveBeenCalledWith(1);
    const large = setUp("slices");
    large.send("pointerdown", 300, 100);
    large.send("pointermove", 200, 103);
    large.send("pointerup", 200, 103);
    expect(large.hand.nextPlane).not.toHaveBeenCalled();
  });

  test("with the right button is always the window", () => {
    const { hand, send } = setUp("length");
    send("pointerdown", 100, 100, { button: 2 });
    send("pointermove", 90, 100);
    expect(hand.changeWindow).toHaveBeenCalledWith(-10, 0);
    expect(hand.measureDown).not.toHaveBeenCalled();
  });

  test("with the middle button is always a pan", () => {
    const { pane, hand, send } = setUp("length");
    send("pointerdown", 100, 100, { button: 1 });
    send("pointermove", 90, 100);
    expect(hand.pan).toHaveBeenCalledWith(pane, -10, 0);
  });

  test("on a handle moves that point", () => {
    const { pane, hand, send } = setUp("crosshair");
    const handle = document.createElement("i");
    handle.dataset.handle = "3:1";
    pane.element.append(handle);
    send("pointerdown", 100, 100, {}, handle);
    send("pointermove", 90, 100);
    expect(hand.beginHandle).toHaveBeenCalledWith(3);
    expect(hand.moveHandle).toHaveBeenCalledWith(pane, 3, 1, { x: 90, y: 100 });
  });

  test("on a line moves the plane it stands for, but not while measuring", () => {
    const { pane, hand, send } = setUp("crosshair");
    const line = document.createElement("i");
    line.dataset.line = "vertical";
    pane.element.append(line);
    send("pointerdown", 100, 100, {}, line);
    send("pointermove", 90, 100);
    expect(hand.dragLine).toHaveBeenCalledWith(pane, "vertical", { x: 90, y: 100 });
  });

  test("that starts on a control is the control's", () => {
    const { pane, hand, send } = setUp("crosshair");
    send("pointerdown", 100, 100, {}, pane.slider);
    expect(hand.pointAt).not.toHaveBeenCalled();
  });
});

describe("two fingers", () => {
  test("zoom around their middle and carry the picture along", () => {
    const { pane, hand, send } = setUp("window");
    send("pointerdown", 100, 100);
    send("pointerdown", 200, 100, { pointerId: 2 });
    send("pointermove", 300, 100, { pointerId: 2 });
    expect(hand.pan).toHaveBeenCalledWith(pane, 50, 0);
    expect(hand.zoom).toHaveBeenCalledWith(pane, 2, { x: 200, y: 100 });
    expect(hand.changeWindow).not.toHaveBeenCalled();
  });
});

describe("the wheel", () => {
  /** The document of the tests does not take over the keys that are held. */
  function wheel({ shiftKey = false, ctrlKey = false, deltaY = 0 }: WheelEventInit): WheelEvent {
    const event = new WheelEvent("wheel", { bubbles: true, cancelable: true, deltaY });
    return Object.defineProperties(event, { shiftKey: { value: shiftKey }, ctrlKey: { value: ctrlKey } });
  }

  test.each([
    [{ deltaY: 100 }, 1],
    [{ deltaY: -120 }, -1],
    [{ deltaY: 100, shiftKey: true }, 10],
  ])("%j turns %d slices", (changes, slices) => {
    const { pane, hand } = setUp("crosshair");
    pane.element.dispatchEvent(wheel(changes));
    expect(hand.scroll).toHaveBeenCalledWith(pane, slices);
  });

  test("gathers the small steps of a touchpad", () => {
    const { pane, hand } = setUp("crosshair");
    pane.element.dispatchEvent(wheel({ deltaY: 40 }));
    pane.element.dispatchEvent(wheel({ deltaY: 40 }));
    expect(hand.scroll).not.toHaveBeenCalled();
    pane.element.dispatchEvent(wheel({ deltaY: 40 }));
    expect(hand.scroll).toHaveBeenCalledWith(pane, 1);
  });

  test("with the control key zooms", () => {
    const { pane, hand } = setUp("crosshair");
    pane.element.dispatchEvent(wheel({ deltaY: -50, ctrlKey: true }));
    expect(hand.zoom).toHaveBeenCalledOnce();
    expect(hand.scroll).not.toHaveBeenCalled();
  });
});

describe("drawing", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  test("for what the reader does happens once a frame", async () => {
    const draw = vi.fn();
    const redraw = new Redraw(draw, () => false);
    redraw.soon();
    redraw.soon();
    await vi.advanceTimersByTimeAsync(50);
    expect(draw).toHaveBeenCalledOnce();
  });

  test("for what arrives happens four times a second", async () => {
    const draw = vi.fn();
    const redraw = new Redraw(draw, () => false);
    redraw.later();
    redraw.later();
    await vi.advanceTimersByTimeAsync(240);
    expect(draw).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(20);
    expect(draw).toHaveBeenCalledOnce();
  });

  test("for what arrives takes a tenth of a slow device's time", async () => {
    // The device holds the browser up for 200 ms a drawing.
    const draw = vi.fn(() => void vi.setSystemTime(Date.now() + 200));
    vi.spyOn(performance, "now").mockImplementation(() => Date.now());
    const redraw = new Redraw(draw, () => false);
    redraw.now();
    await vi.advanceTimersByTimeAsync(100);
    redraw.later();
    await vi.advanceTimersByTimeAsync(1990);
    expect(draw).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(400);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("for what arrives waits for a renderer that is still busy", async () => {
    const [draw, isBusy] = [vi.fn(), vi.fn<() => boolean>().mockReturnValueOnce(true).mockReturnValue(false)];
    new Redraw(draw, isBusy).later();
    await vi.advanceTimersByTimeAsync(1200);
    expect(draw).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(draw).toHaveBeenCalledOnce();
  });
});
