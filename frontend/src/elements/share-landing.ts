/**
 * Takes the secret of a share link out of the address bar and into the form, which sends it in its body.
 * Nothing is sent before the person presses the button.
 *
 * ```html
 * <share-landing>
 *   <form method="post" action="/s/<link_id>/open"><input type="hidden" name="secret"><button>Continue</button></form>
 *   <div data-part="incomplete" hidden>The link is not complete.</div>
 * </share-landing>
 * ```
 */
export class ShareLanding extends HTMLElement {
  connectedCallback(): void {
    const secret = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    const input = this.querySelector<HTMLInputElement>("input[name=secret]");
    // An answer that shows the form again has the secret in it already.
    if (input?.value) return;
    if (input && isSecret(secret)) input.value = secret;
    else this.refuse();
  }

  private refuse(): void {
    this.querySelector("form")?.setAttribute("hidden", "");
    this.querySelector("[data-part=incomplete]")?.removeAttribute("hidden");
  }
}

/** 32 random bytes are 43 characters of base64url without padding (RFC 4648 section 5). */
export function isSecret(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

customElements.define("share-landing", ShareLanding);
