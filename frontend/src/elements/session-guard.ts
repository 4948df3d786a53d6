/**
 * Tells the portal that a person is still there, warns before the session ends, and leaves the page when it has: films
 * and names do not stay on an empty desk.
 *
 * ```html
 * <session-guard data-here="/account/here/" data-idle-s="900">
 *   <dialog>… <form method="dialog"><button>Stay signed in</button></form></dialog>
 * </session-guard>
 * ```
 *
 * Only what a person does counts: pointer, keys, wheel, touch. Several tabs share one session, hence one clock.
 */
import { csrfToken } from "./upload/send";

const INPUT = ["pointerdown", "keydown", "wheel", "touchstart"];
const KEY = "session-seen";
const TICK_MS = 5_000;
/** The server writes at most once a minute. */
const REPORT_MS = 65_000;
const WARN_MS = 60_000;

export class SessionGuard extends HTMLElement {
  private timer = 0;

  connectedCallback(): void {
    this.seen = Date.now();
    for (const name of INPUT) addEventListener(name, this.hear, { capture: true, passive: true });
    this.dialog?.addEventListener("close", () => void this.report());
    this.timer = window.setInterval(() => this.tick(), TICK_MS);
  }

  disconnectedCallback(): void {
    for (const name of INPUT) removeEventListener(name, this.hear, { capture: true });
    clearInterval(this.timer);
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }

  private get idleMs(): number {
    return Number(this.dataset.idleS) * 1000;
  }

  private get seen(): number {
    return Number(localStorage.getItem(KEY) ?? 0);
  }

  private set seen(at: number) {
    localStorage.setItem(KEY, String(at));
  }

  private readonly hear = (): void => {
    if (!this.dialog?.open && Date.now() - this.seen > REPORT_MS) void this.report();
  };

  private async report(): Promise<void> {
    const before = this.seen;
    this.seen = Date.now();
    const response = await fetch(this.dataset.here ?? "", {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken(document) },
      redirect: "manual",
    }).catch(() => null);
    if (response?.status !== 204) this.seen = before;
    if (response && response.status !== 204) this.leave();
  }

  private tick(): void {
    const next = stateAt(Date.now() - this.seen, this.idleMs);
    if (next === "ended") this.leave();
    else if (next === "warn" && this.dialog && !this.dialog.open) this.dialog.showModal();
    else if (next === "here" && this.dialog?.open) this.dialog.close();
  }

  /** Ask for the page again: without a session the portal answers with its sign-in page, and leads back after it. */
  private leave(): void {
    clearInterval(this.timer);
    // Not a reload: that would offer to send a form again. Without the fragment it is a real navigation.
    location.replace(location.pathname);
  }
}

/** What is due after so much silence: nothing, a warning in the last minute, or leaving. */
export function stateAt(silentMs: number, idleMs: number): "here" | "warn" | "ended" {
  if (silentMs > idleMs) return "ended";
  return silentMs > idleMs - WARN_MS ? "warn" : "here";
}

customElements.define("session-guard", SessionGuard);
