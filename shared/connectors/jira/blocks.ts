/** A text of ours with texts of others in it, in no markup. All texts are raw: who renders a block neutralises them. */
export type Block =
  | { readonly kind: "heading"; readonly text: string }
  /** Several lines, as others wrote them. */
  | { readonly kind: "text"; readonly text: string }
  /** One line of ours, set off; what is put into it is a single visible line. */
  | { readonly kind: "head"; readonly text: string }
  /** An address that was checked. */
  | { readonly kind: "link"; readonly text: string; readonly url: string }
  | { readonly kind: "table"; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  /** Numbered; an item may have lines of its own. */
  | { readonly kind: "list"; readonly items: readonly string[] }
  /** To be copied and run: nothing of it is defanged, for in a code block nothing comes to life. */
  | { readonly kind: "code"; readonly text: string };

/** How one deployment of Jira writes rich text. */
export interface RichText {
  /** The blocks as a field's value, in a form that can be compared with what is read back. */
  render(blocks: readonly Block[]): string;
  /** About how long this text becomes, markup included. */
  lengthOf(text: string): number;
  /** A field's value as it is sent. */
  toWire(value: string): unknown;
  /** A field as it was answered, in the form of `render`. */
  fromWire(wire: unknown): string;
}

/** Longest description and comment: 32,767 characters are documented for text; whether markup counts is not, so it is counted here. */
export const RICH_TEXT_MAX = 30_000;
/** Longest text in a table's cell. */
export const CELL_MAX = 200;
