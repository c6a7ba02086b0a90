import { HOSTILE_CHARACTERS } from "./hostile/characters.ts";
import { HOSTILE_DATA } from "./hostile/data.ts";
import { HOSTILE_HTML } from "./hostile/html.ts";
import { HOSTILE_LINKS } from "./hostile/links.ts";
import { HOSTILE_MARKUP } from "./hostile/markup.ts";
import type { HostileText } from "./hostile/text.ts";

/** Text as an attacker would put it into a file name, a mail subject or a host name, each with what it tries. */
export const HOSTILE_TEXTS: readonly HostileText[] = [
  ...HOSTILE_HTML,
  ...HOSTILE_MARKUP,
  ...HOSTILE_LINKS,
  ...HOSTILE_CHARACTERS,
  ...HOSTILE_DATA,
];
