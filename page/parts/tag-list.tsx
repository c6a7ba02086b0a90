import type { VNode } from "preact";
import { visibleText } from "../view/visible-text.ts";
import { Untrusted } from "./untrusted.tsx";

const AT_MOST = 8;

/** Tags from outside; those beyond the first few are named on hover. */
export function TagList({ tags, label }: { readonly tags: readonly string[]; readonly label: string }): VNode | null {
  if (tags.length === 0) return null;
  const hidden = tags.slice(AT_MOST);
  return (
    <ul class="tags" aria-label={label}>
      {tags.slice(0, AT_MOST).map((tag) => (
        <li class="tag" key={tag} title={visibleText(tag)}>
          <Untrusted text={tag} />
        </li>
      ))}
      {hidden.length > 0 && (
        <li class="tag" title={visibleText(hidden.join(", "))}>
          {`${hidden.length} more`}
        </li>
      )}
    </ul>
  );
}
