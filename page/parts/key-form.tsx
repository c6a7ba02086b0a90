import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { isSendableKey } from "../data/function-key.ts";

/** Asks for the function key; never sent as a form, only as a header by the feed. */
export function KeyForm(props: { readonly wasRefused: boolean; readonly onKey: (key: string) => void }): VNode {
  const [key, setKey] = useState("");
  const [isMalformed, setMalformed] = useState(false);
  const problem = problemOf(isMalformed, props.wasRefused);
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const trimmed = key.trim();
    setMalformed(!isSendableKey(trimmed));
    if (isSendableKey(trimmed)) props.onKey(trimmed);
  }
  return (
    <section class="notice key-notice" aria-labelledby="key-heading">
      <h2 id="key-heading">This overview needs a function key</h2>
      <p id="key-help">
        You find it in the Azure portal under the function app’s <em>App keys</em>. It is kept in this tab only and
        forgotten when the tab closes.
      </p>
      <form onSubmit={submit}>
        <label class="field field-key">
          <span>Function key</span>
          <input
            type="password"
            name="function-key"
            autocomplete="off"
            required
            value={key}
            aria-describedby="key-help key-problem"
            aria-invalid={problem !== ""}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Show the overview
        </button>
        <p id="key-problem" class="problem" role="alert">
          {problem}
        </p>
      </form>
    </section>
  );
}

function problemOf(isMalformed: boolean, wasRefused: boolean): string {
  if (isMalformed)
    return "A function key has letters, digits and signs only. Copy it again, without spaces or line breaks.";
  return wasRefused ? "The server refused this key. Check that it belongs to this function app." : "";
}
