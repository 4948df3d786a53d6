import { fromBase64Url, toBase64Url } from "../lib/base64url";

/**
 * Makes a passkey, or enters with one (WebAuthn level 2, 7.1 and 7.2). Not shown where the browser has none.
 *
 * ```html
 * <patient-passkey data-kind="create" data-begin="/p/passkey/begin" data-finish="/p/passkey/keep">
 *   <form><input type="hidden" name="csrfmiddlewaretoken"><button type="submit">Make a passkey</button></form>
 *   <div data-part="done" hidden>…</div>
 *   <div data-part="problem" hidden>…</div>
 * </patient-passkey>
 * ```
 */
export class PatientPasskey extends HTMLElement {
  /** Where a page leads when the person is in; replaced in tests. */
  static go = (url: string): void => location.assign(url);

  connectedCallback(): void {
    this.hidden = !("PublicKeyCredential" in window);
    this.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.perform();
    });
  }

  private async perform(): Promise<void> {
    this.show("done", false);
    this.show("problem", false);
    try {
      const options = await this.post(this.dataset.begin ?? "");
      const made = this.dataset.kind === "create" ? await create(options) : await get(options);
      const answer = await this.post(this.dataset.finish ?? "", made);
      if (typeof answer.url === "string") PatientPasskey.go(answer.url);
      else this.show("done", true);
    } catch {
      // Cancelled by the person, refused by the device or by the portal: for the person it is the same.
      this.show("problem", true);
    }
  }

  private show(part: string, isShown: boolean): void {
    this.querySelector(`[data-part=${part}]`)?.toggleAttribute("hidden", !isShown);
  }

  private async post(address: string, body: object = {}): Promise<Json> {
    const token = this.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`answered with ${answer.status}`);
    return answer.json();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the options of WebAuthn as they come over the line
type Json = Record<string, any>;

async function create(options: Json): Promise<object> {
  const publicKey = {
    ...options,
    challenge: fromBase64Url(options.challenge),
    user: { ...options.user, id: fromBase64Url(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(withBytes),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return described(made, { attestationObject: toBase64Url(response.attestationObject) });
}

async function get(options: Json): Promise<object> {
  const publicKey = {
    ...options,
    challenge: fromBase64Url(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(withBytes),
  } as unknown as PublicKeyCredentialRequestOptions;
  const made = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAssertionResponse;
  return described(made, {
    authenticatorData: toBase64Url(response.authenticatorData),
    signature: toBase64Url(response.signature),
    userHandle: response.userHandle ? toBase64Url(response.userHandle) : null,
  });
}

function withBytes(credential: Json): Json {
  return { ...credential, id: fromBase64Url(credential.id) };
}

function described(made: PublicKeyCredential, response: Json): object {
  return {
    id: made.id,
    rawId: toBase64Url(made.rawId),
    type: made.type,
    response: { clientDataJSON: toBase64Url(made.response.clientDataJSON), ...response },
  };
}

customElements.define("patient-passkey", PatientPasskey);
