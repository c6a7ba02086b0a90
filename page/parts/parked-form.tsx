import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { isSendableKey } from "../data/function-key.ts";
import { type ParkedOrder, sendOrder } from "../data/send-order.ts";
import { Untrusted } from "./untrusted.tsx";

const TAKEN = {
  replay: "On its way again. It leaves this list once the ticket shows it.",
  drop: "Dropped. The next change of the incident is written again.",
} as const;

/** Replays parked work, or lets it be: for whoever has the master key. */
export function ParkedForm(props: Pick<ParkedOrder, "tenant" | "incident" | "connector">): VNode {
  const [reason, setReason] = useState("");
  const [key, setKey] = useState("");
  const [said, setSaid] = useState<{ readonly text: string; readonly isProblem: boolean }>({
    text: "",
    isProblem: false,
  });
  const [isSending, setSending] = useState(false);
  const id = `parked-${props.connector}-${props.incident}`;

  async function send(operation: ParkedOrder["operation"]): Promise<void> {
    const missing = missingIn(reason, key);
    if (missing !== "") return setSaid({ text: missing, isProblem: true });
    setSending(true);
    setSaid({ text: "Sending…", isProblem: false });
    const problem = await sendOrder({ operation, ...props, reason: reason.trim() }, key.trim());
    setSending(false);
    setKey("");
    setSaid(problem === "" ? { text: TAKEN[operation], isProblem: false } : { text: problem, isProblem: true });
  }

  return (
    <details class="parked">
      <summary>Replay or drop…</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send("replay");
        }}
      >
        <label class="field">
          <span>Why (it is kept)</span>
          <input
            type="text"
            name="reason"
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Master key (it is not kept)</span>
          <input
            type="password"
            name="master-key"
            autocomplete="off"
            value={key}
            aria-describedby={id}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p class="parked-actions">
          <button type="submit" class="primary" disabled={isSending}>
            Replay
          </button>
          <button type="button" disabled={isSending} onClick={() => void send("drop")}>
            Drop
          </button>
        </p>
        <p id={id} class={said.isProblem ? "problem" : "quiet"} role="status">
          <Untrusted text={said.text} />
        </p>
      </form>
    </details>
  );
}

function missingIn(reason: string, key: string): string {
  if (reason.trim() === "") return "Say why first.";
  return isSendableKey(key.trim()) ? "" : "The master key has letters, digits and signs only.";
}
