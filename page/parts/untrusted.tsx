import type { VNode } from "preact";
import { safeUrl } from "../view/safe-url.ts";
import { visibleText } from "../view/visible-text.ts";

/** Text from outside, apart from the direction of the text around it. */
export function Untrusted({ text }: { readonly text: string }): VNode {
  return <bdi dir="auto">{visibleText(text)}</bdi>;
}

/** A link where the address may be one, else the text alone. */
export function UntrustedLink(props: { readonly text: string; readonly url: string; readonly class?: string }): VNode {
  const href = safeUrl(props.url);
  if (href === undefined) {
    return (
      <span class={props.class ?? ""}>
        <Untrusted text={props.text} />
      </span>
    );
  }
  return (
    <a class={props.class ?? ""} href={href} target="_blank" rel="noopener noreferrer">
      <Untrusted text={props.text} />
    </a>
  );
}
