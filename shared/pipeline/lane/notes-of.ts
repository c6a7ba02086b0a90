import type { Note, WantedNote } from "../../connectors/connector.ts";
import type { Projection } from "../../incident/projection.ts";
import { revisionOf } from "../../incident/revision.ts";
import { digestOf } from "../digest.ts";

/**
 * The remarks a ticket should hold, oldest first: each comment of the incident once, and what the connector wants noted. A comment has no id
 * at the source, so it is known by author, time and text, and by which of its equals it is.
 */
export function notesOf(projection: Projection, wanted: readonly WantedNote[] = []): readonly Note[] {
  const seen = new Map<string, number>();
  const noted = wanted.map(({ madeOf, ...note }) => ({ ...note, id: digestOf(madeOf, 16) }));
  const comments = projection.comments.map((comment) => {
    // The same moment may be written with more or fewer digits.
    const moment = revisionOf(comment.createdAt)?.toString() ?? comment.createdAt;
    const same = digestOf([comment.author, moment, comment.text]);
    const ordinal = seen.get(same) ?? 0;
    seen.set(same, ordinal + 1);
    return {
      id: digestOf(["defender", comment.author, moment, comment.text, ordinal], 16),
      author: comment.author,
      createdAt: comment.createdAt,
      text: comment.text,
    };
  });
  return [...noted, ...comments].toSorted((a, b) =>
    compare(revisionOf(a.createdAt) ?? 0n, revisionOf(b.createdAt) ?? 0n),
  );
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
